//! `GET`, `PATCH` and `DELETE /v1/books/{id}`: one book, to look at, to change, to take away.

use axum::{Json, extract::State, http::StatusCode};
use bff_kit::{
    ApiError, ApiResult, Body, Path,
    error::{Violation, ViolationKind},
    input::present,
};
use proto::books::v1 as message;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::Book, session::Staff};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show, change, remove))
}

/// One book, with everything that there is to know.
#[utoipa::path(
    get, path = "/v1/books/{id}", operation_id = "getBook", tag = "books", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The book's number")),
    responses((status = 200, description = "The book", body = Book))
)]
async fn show(State(core): State<Core>, staff: Staff, Path(id): Path<i64>) -> ApiResult<Json<Book>> {
    Ok(Json(core.book(&staff.viewer, id).await?.into()))
}

/// Change a book. What is left out stays; null clears what may be unknown.
#[utoipa::path(
    patch, path = "/v1/books/{id}", operation_id = "updateBook", tag = "books", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The book's number")), request_body = BookPatch,
    extensions(("x-problems" = json!(["TAKEN"]))),
    responses((status = 200, description = "The book as it is now", body = Book))
)]
async fn change(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<i64>,
    Body(patch): Body<BookPatch>,
) -> ApiResult<Json<Book>> {
    let Changes { book, fields } = patch.into();
    if fields.is_empty() {
        let nothing = Violation::new("", ViolationKind::Missing, "names nothing to change");
        return Err(ApiError::Invalid(vec![nothing]));
    }
    Ok(Json(
        core.update_book(&staff.viewer, id, book, &fields).await?.into(),
    ))
}

/// Take a book out of the catalogue.
#[utoipa::path(
    delete, path = "/v1/books/{id}", operation_id = "deleteBook", tag = "books", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The book's number")),
    responses((status = 204, description = "It is gone"))
)]
async fn remove(State(core): State<Core>, staff: Staff, Path(id): Path<i64>) -> ApiResult<StatusCode> {
    core.delete_book(&staff.viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes to a book. What is left out stays; null clears what may be unknown.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BookPatch {
    /// ISBN-10 or ISBN-13, hyphens and spaces allowed.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    isbn13: Option<Option<String>>,
    #[schema(nullable = false)]
    title: Option<String>,
    #[schema(nullable = false)]
    authors: Option<Vec<String>>,
    /// Negative before the common era.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i32>)]
    published_year: Option<Option<i32>>,
    /// Language tag such as `en` or `en-US`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    language: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    cover_url: Option<Option<String>>,
    #[schema(nullable = false)]
    price_cents: Option<i64>,
    /// ISO 4217 code.
    #[schema(nullable = false)]
    currency: Option<String>,
    /// Copies that can be sold.
    #[schema(nullable = false)]
    stock: Option<i32>,
}

/// The changes as the core takes them: new values, and the names of the fields that have one.
#[derive(Default)]
struct Changes {
    book: message::CreateBookRequest,
    fields: Vec<&'static str>,
}

impl From<BookPatch> for Changes {
    fn from(patch: BookPatch) -> Self {
        let mut changes = Self::default();
        changes.set("isbn13", patch.isbn13.map(Option::unwrap_or_default), |book| {
            &mut book.isbn13
        });
        changes.set("title", patch.title, |book| &mut book.title);
        changes.set("authors", patch.authors, |book| &mut book.authors);
        changes.set("published_year", patch.published_year, |book| {
            &mut book.published_year
        });
        changes.set(
            "language",
            patch.language.map(Option::unwrap_or_default),
            |book| &mut book.language,
        );
        changes.set(
            "description",
            patch.description.map(Option::unwrap_or_default),
            |book| &mut book.description,
        );
        changes.set(
            "cover_url",
            patch.cover_url.map(Option::unwrap_or_default),
            |book| &mut book.cover_url,
        );
        changes.set("price_cents", patch.price_cents, |book| &mut book.price_cents);
        changes.set("currency", patch.currency, |book| &mut book.currency);
        changes.set("stock", patch.stock, |book| &mut book.stock);
        changes
    }
}

impl Changes {
    fn set<T>(
        &mut self,
        name: &'static str,
        value: Option<T>,
        field: impl FnOnce(&mut message::CreateBookRequest) -> &mut T,
    ) {
        if let Some(value) = value {
            *field(&mut self.book) = value;
            self.fields.push(name);
        }
    }
}

//! `GET /v1/books` and `POST /v1/books`: the catalogue page by page, and a new book.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use bff_kit::{
    ApiResult, Body, Query,
    page::{Cursor, First, Page},
};
use proto::books::v1 as message;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Book, BookRow},
    session::Staff,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list, create))
}

/// The catalogue.
#[utoipa::path(
    get, path = "/v1/books", operation_id = "listBooks", tag = "books", security(("token" = ["staff"])), params(Wanted),
    responses((status = 200, description = "A page of books", body = Page<BookRow>))
)]
async fn list(
    State(core): State<Core>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<BookRow>>> {
    let words = wanted.q.unwrap_or_default();
    let (first, after) = (First::or(wanted.first, 50), Cursor::or_start(wanted.after));
    let found = core
        .books(&staff.viewer, words, wanted.order.into(), first, after)
        .await;
    let found = found.map_err(|error| error.rename_fields(|field| field.replace("query", "q")))?;
    Ok(Json(Page::new(found.books, found.next_page_token)))
}

/// Add a book.
#[utoipa::path(
    post, path = "/v1/books", operation_id = "createBook", tag = "books", security(("token" = ["staff"])),
    request_body = NewBook,
    extensions(("x-problems" = json!(["TAKEN"]))),
    responses((
        status = 201, description = "The new book", body = Book,
        headers(("location" = String, description = "Where it is"))
    ))
)]
async fn create(
    State(core): State<Core>,
    staff: Staff,
    Body(book): Body<NewBook>,
) -> ApiResult<impl IntoResponse> {
    let book = Book::from(core.create_book(&staff.viewer, book.into()).await?);
    let location = format!("/v1/books/{}", book.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(book)))
}

/// Which books.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 50 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
    /// Words that all have to begin a word of title or authors.
    q: Option<String>,
    /// In which order; the most rated first where it is not said.
    #[serde(default)]
    #[param(required = false)]
    #[param(inline)]
    order: Order,
}

/// An order of books.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Most rated first.
    #[default]
    Popular,
    /// Newest in the catalogue first.
    Newest,
    /// Fewest copies first.
    Stock,
}

impl From<Order> for message::BookOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Popular => Self::Popular,
            Order::Newest => Self::Newest,
            Order::Stock => Self::Stock,
        }
    }
}

/// A new book. What is not known is null or left out.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewBook {
    /// ISBN-10 or ISBN-13, hyphens and spaces allowed.
    isbn13: Option<String>,
    title: String,
    authors: Vec<String>,
    /// Negative before the common era.
    published_year: Option<i32>,
    /// Language tag such as `en` or `en-US`.
    language: Option<String>,
    description: Option<String>,
    cover_url: Option<String>,
    price_cents: i64,
    /// ISO 4217 code.
    currency: String,
    /// Copies that can be sold.
    stock: i32,
}

impl From<NewBook> for message::CreateBookRequest {
    fn from(book: NewBook) -> Self {
        Self {
            isbn13: book.isbn13.unwrap_or_default(),
            title: book.title,
            authors: book.authors,
            published_year: book.published_year,
            language: book.language.unwrap_or_default(),
            description: book.description.unwrap_or_default(),
            cover_url: book.cover_url.unwrap_or_default(),
            price_cents: book.price_cents,
            currency: book.currency,
            stock: book.stock,
        }
    }
}

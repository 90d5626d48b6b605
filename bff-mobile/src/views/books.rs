//! `GET /v1/books`: books, most rated first, page by page, all or those that match a search.

use axum::{Json, extract::State};
use bff_kit::{
    ApiResult, Query,
    page::{Cursor, First, Page},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::BookCard};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Books, most rated first.
#[utoipa::path(
    get, path = "/v1/books", operation_id = "listBooks", tag = "screens", params(Wanted),
    responses((status = 200, description = "A page of books", body = Page<BookCard>))
)]
async fn list(State(core): State<Core>, Query(wanted): Query<Wanted>) -> ApiResult<Json<Page<BookCard>>> {
    let words = wanted.q.unwrap_or_default();
    let found = core
        .books(words, First::or(wanted.first, 6), Cursor::or_start(wanted.after))
        .await;
    let found = found
        .map_err(|error| error.rename_fields(|field| field.replace("query", "q")))?
        .part;
    Ok(Json(Page::new(found.books, found.next_page_token)))
}

/// Which books.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 6, about a screenful, where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
    /// Words that all have to begin a word of title or authors.
    q: Option<String>,
}

//! `GET /v1/posts`: posts, newest first, page by page.

use axum::{Json, extract::State};
use bff_kit::{
    ApiResult, Query,
    page::{Cursor, First, Page},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::{Core, PostFilter},
    parts::PostCard,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Posts, newest first.
#[utoipa::path(
    get, path = "/v1/posts", operation_id = "listPosts", tag = "screens", params(Wanted),
    responses((status = 200, description = "A page of posts", body = Page<PostCard>))
)]
async fn list(State(core): State<Core>, Query(wanted): Query<Wanted>) -> ApiResult<Json<Page<PostCard>>> {
    let filter = PostFilter {
        tag: wanted.tag.unwrap_or_default(),
        author: wanted.author.unwrap_or_default(),
    };
    let found = core
        .posts(filter, First::or(wanted.first, 8), Cursor::or_start(wanted.after))
        .await?
        .part;
    Ok(Json(Page::new(found.posts, found.next_page_token)))
}

/// Which posts.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 8, about a screenful, where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
    /// With this tag.
    tag: Option<String>,
    /// By the user of this name.
    author: Option<String>,
}

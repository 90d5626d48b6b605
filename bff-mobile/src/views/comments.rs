//! `/v1/posts/{slug}/comments`: what readers say about a post, in full, page by page; and saying something.

use axum::{Json, extract::State, http::StatusCode};
use bff_kit::{
    ApiResult, Body, Path, Query, Viewer,
    page::{Cursor, First, Page},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::Comment};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
}

/// Comments on a post, newest first.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/comments", operation_id = "listComments", tag = "screens",
    params(("slug" = String, Path, description = "The post's name in addresses"), Wanted),
    responses((status = 200, description = "A page of comments", body = Page<Comment>))
)]
async fn list(
    State(core): State<Core>,
    Path(slug): Path<String>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<Comment>>> {
    let (first, after) = (First::or(wanted.first, 10), Cursor::or_start(wanted.after));
    let found = core.comments(slug, first, after).await?.part;
    Ok(Json(Page::new(found.comments, found.next_page_token)))
}

/// Comment on a post.
#[utoipa::path(
    post, path = "/v1/posts/{slug}/comments", operation_id = "createComment", tag = "writes",
    security(("token" = [])), request_body = NewComment,
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 201, description = "The comment", body = Comment))
)]
async fn create(
    State(core): State<Core>,
    viewer: Viewer,
    Path(slug): Path<String>,
    Body(comment): Body<NewComment>,
) -> ApiResult<(StatusCode, Json<Comment>)> {
    let comment = core.comment(&viewer, slug, comment.body).await?;
    Ok((StatusCode::CREATED, Json(comment.into())))
}

/// Take one's own comment away.
#[utoipa::path(
    delete, path = "/v1/posts/{slug}/comments/{id}", operation_id = "deleteComment", tag = "writes",
    security(("token" = [])),
    params(
        ("slug" = String, Path, description = "The post's name in addresses"),
        ("id" = i64, Path, description = "The comment's number"),
    ),
    extensions(("x-problems" = json!(["FORBIDDEN"]))),
    responses((status = 204, description = "It is gone"))
)]
async fn delete(
    State(core): State<Core>,
    viewer: Viewer,
    Path((slug, id)): Path<(String, i64)>,
) -> ApiResult<StatusCode> {
    core.delete_comment(&viewer, slug, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which comments.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 10 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
}

/// A new comment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewComment {
    body: String,
}

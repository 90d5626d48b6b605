//! `/v1/comments`: what readers say about posts, to look at; and taking it away.

use axum::{Json, extract::State, http::StatusCode};
use bff_kit::{ApiResult, Body, Path, Query, page::Page};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{CommentToCheck, Moderation, NewModeration, Wanted},
    session::Staff,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(remove))
}

/// The comments on all posts, newest first.
#[utoipa::path(
    get, path = "/v1/comments", operation_id = "listComments", tag = "moderation", security(("token" = ["staff"])),
    params(Wanted), responses((status = 200, description = "A page of comments", body = Page<CommentToCheck>))
)]
async fn list(
    State(core): State<Core>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<CommentToCheck>>> {
    let (first, after) = wanted.page();
    let found = core.comments(&staff.viewer, first, after).await?;
    Ok(Json(Page::new(found.comments, found.next_page_token)))
}

/// Take a comment away. It is gone for everybody; the reason stays.
#[utoipa::path(
    post, path = "/v1/posts/{slug}/comments/{id}/moderation", operation_id = "moderateComment",
    tag = "moderation", security(("token" = ["staff"])), request_body = NewModeration,
    params(
        ("slug" = String, Path, description = "The post's name in addresses"),
        ("id" = i64, Path, description = "The comment's number"),
    ),
    responses((status = 201, description = "What was taken away", body = Moderation))
)]
async fn remove(
    State(core): State<Core>,
    staff: Staff,
    Path((slug, id)): Path<(String, i64)>,
    Body(NewModeration { reason }): Body<NewModeration>,
) -> ApiResult<(StatusCode, Json<Moderation>)> {
    let kept = core.moderate_comment(&staff.viewer, slug, id, reason).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}

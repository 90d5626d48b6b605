//! `/v1/posts`: what readers wrote, to look at; and taking it away.

use axum::{Json, extract::State, http::StatusCode};
use bff_kit::{ApiResult, Body, Path, Query, Timestamp, page::Page};
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Moderation, NewModeration, PostToCheck, Wanted},
    session::Staff,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(remove))
}

/// Posts, newest first.
#[utoipa::path(
    get, path = "/v1/posts", operation_id = "listPosts", tag = "moderation", security(("token" = ["staff"])),
    params(Wanted), responses((status = 200, description = "A page of posts", body = Page<PostToCheck>))
)]
async fn list(
    State(core): State<Core>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<PostToCheck>>> {
    let (first, after) = wanted.page();
    let found = core.posts(&staff.viewer, first, after).await?;
    Ok(Json(Page::new(found.posts, found.next_page_token)))
}

/// One post, with its text.
#[utoipa::path(
    get, path = "/v1/posts/{slug}", operation_id = "getPost", tag = "moderation", security(("token" = ["staff"])),
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 200, description = "The post", body = WholePost))
)]
async fn show(
    State(core): State<Core>,
    staff: Staff,
    Path(slug): Path<String>,
) -> ApiResult<Json<WholePost>> {
    Ok(Json(core.post(&staff.viewer, slug).await?.into()))
}

/// Take a post away. It is gone for everybody; the reason stays.
#[utoipa::path(
    post, path = "/v1/posts/{slug}/moderation", operation_id = "moderatePost", tag = "moderation",
    security(("token" = ["staff"])), request_body = NewModeration,
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 201, description = "What was taken away", body = Moderation))
)]
async fn remove(
    State(core): State<Core>,
    staff: Staff,
    Path(slug): Path<String>,
    Body(NewModeration { reason }): Body<NewModeration>,
) -> ApiResult<(StatusCode, Json<Moderation>)> {
    let kept = core.moderate_post(&staff.viewer, slug, reason).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}

/// A post with its text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WholePost {
    #[serde(flatten)]
    post: PostToCheck,
    body: String,
    /// When its author last changed it.
    updated_at: Timestamp,
}

impl From<message::Post> for WholePost {
    fn from(mut post: message::Post) -> Self {
        Self {
            body: std::mem::take(&mut post.body),
            updated_at: post.updated_at.into(),
            post: post.into(),
        }
    }
}

//! `PUT` and `DELETE /v1/posts/{slug}/like`: liking a post, and no longer. Repeating either is harmless.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Path, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::core::Core;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(like, unlike))
}

/// Like a post.
#[utoipa::path(
    put, path = "/v1/posts/{slug}/like", operation_id = "like", tag = "writes", security(("token" = [])),
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 200, description = "The post's likes", body = Likes))
)]
async fn like(State(core): State<Core>, viewer: Viewer, Path(slug): Path<String>) -> ApiResult<Json<Likes>> {
    let likes = core.like(&viewer, slug).await?;
    Ok(Json(Likes { liked: true, likes }))
}

/// Like a post no longer.
#[utoipa::path(
    delete, path = "/v1/posts/{slug}/like", operation_id = "unlike", tag = "writes", security(("token" = [])),
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 200, description = "The post's likes", body = Likes))
)]
async fn unlike(
    State(core): State<Core>,
    viewer: Viewer,
    Path(slug): Path<String>,
) -> ApiResult<Json<Likes>> {
    let likes = core.unlike(&viewer, slug).await?;
    Ok(Json(Likes { liked: false, likes }))
}

/// A post's likes.
#[derive(Serialize, ToSchema)]
struct Likes {
    /// Whether whoever asks likes it.
    liked: bool,
    /// How many do.
    likes: i64,
}

//! `GET /v1/posts/{slug}/body`: the whole text of a post that is longer than a screen.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Path};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::core::Core;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The whole text of a post.
#[utoipa::path(
    get, path = "/v1/posts/{slug}/body", operation_id = "postBody", tag = "screens",
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 200, description = "The text", body = PostBody))
)]
async fn show(State(core): State<Core>, Path(slug): Path<String>) -> ApiResult<Json<PostBody>> {
    let body = core.post_body(slug).await?;
    Ok(Json(PostBody { body }))
}

/// The whole text of a post.
#[derive(Serialize, ToSchema)]
struct PostBody {
    body: String,
}

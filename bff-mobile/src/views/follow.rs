//! `PUT` and `DELETE /v1/profiles/{username}/follow`: following somebody, and no longer. Repeating either is
//! harmless.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Path, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::core::Core;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(follow, unfollow))
}

/// Follow somebody.
#[utoipa::path(
    put, path = "/v1/profiles/{username}/follow", operation_id = "follow", tag = "writes",
    security(("token" = [])),
    params(("username" = String, Path, description = "The name, in any case")),
    responses((status = 200, description = "Whom", body = Following))
)]
async fn follow(
    State(core): State<Core>,
    viewer: Viewer,
    Path(username): Path<String>,
) -> ApiResult<Json<Following>> {
    let username = core.follow(&viewer, username).await?;
    Ok(Json(Following {
        username,
        following: true,
    }))
}

/// Follow somebody no longer.
#[utoipa::path(
    delete, path = "/v1/profiles/{username}/follow", operation_id = "unfollow", tag = "writes",
    security(("token" = [])),
    params(("username" = String, Path, description = "The name, in any case")),
    responses((status = 200, description = "Whom", body = Following))
)]
async fn unfollow(
    State(core): State<Core>,
    viewer: Viewer,
    Path(username): Path<String>,
) -> ApiResult<Json<Following>> {
    let username = core.unfollow(&viewer, username).await?;
    Ok(Json(Following {
        username,
        following: false,
    }))
}

/// Somebody, and whether whoever asks follows them.
#[derive(Serialize, ToSchema)]
struct Following {
    username: String,
    following: bool,
}

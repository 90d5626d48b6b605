//! `GET /api/tags`: all tags, in alphabetical order.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::error::{ConduitResult, Errors};
use crate::{core::Core, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list))
}

/// All tags.
#[utoipa::path(
    get, path = "/api/tags", operation_id = "listTags", tag = "conduit",
    responses(
        (status = 200, description = "All tags", body = Tags),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn list(State(core): State<Core>) -> ConduitResult<Json<Tags>> {
    let tags = core.tags(0).await?.part;
    Ok(Json(Tags {
        tags: tags.into_iter().map(|tag| tag.name).collect(),
    }))
}

/// All tags.
#[derive(Serialize, ToSchema)]
struct Tags {
    tags: Vec<String>,
}

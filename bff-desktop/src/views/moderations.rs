//! `GET /v1/moderations`: what was taken away, by whom and why.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Query, page::Page};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Moderation, Wanted},
    session::Staff,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What was taken away, the latest first.
#[utoipa::path(
    get, path = "/v1/moderations", operation_id = "listModerations", tag = "moderation",
    security(("token" = ["staff"])), params(Wanted),
    responses((status = 200, description = "A page of removals", body = Page<Moderation>))
)]
async fn list(
    State(core): State<Core>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<Moderation>>> {
    let (first, after) = wanted.page();
    let found = core.moderations(&staff.viewer, first, after).await?;
    Ok(Json(Page::new(found.moderations, found.next_page_token)))
}

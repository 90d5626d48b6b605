//! `GET /v1/orders`: everybody's orders page by page, all or those in one state.

use axum::{Json, extract::State};
use bff_kit::{
    ApiResult, Query,
    page::{Cursor, First, Page},
};
use proto::orders::v1 as message;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{OrderRow, OrderState},
    session::Staff,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Everybody's orders.
#[utoipa::path(
    get, path = "/v1/orders", operation_id = "listOrders", tag = "orders", security(("token" = ["staff"])),
    params(Wanted), responses((status = 200, description = "A page of orders", body = Page<OrderRow>))
)]
async fn list(
    State(core): State<Core>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<OrderRow>>> {
    let state = wanted.state.map_or(message::OrderState::Unspecified, Into::into);
    let oldest_first = matches!(wanted.order, Order::Oldest);
    let (first, after) = (First::or(wanted.first, 50), Cursor::or_start(wanted.after));
    let found = core
        .orders(&staff.viewer, state, oldest_first, first, after)
        .await?;
    Ok(Json(Page::new(found.orders, found.next_page_token)))
}

/// Which orders.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 50 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
    /// How far they have got; all of them where it is not said.
    #[param(inline)]
    state: Option<OrderState>,
    /// In which order; the newest first where it is not said.
    #[serde(default)]
    #[param(required = false)]
    #[param(inline)]
    order: Order,
}

/// An order of orders.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// What has waited longest first.
    Oldest,
}

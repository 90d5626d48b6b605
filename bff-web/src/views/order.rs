//! `GET /api/orders/{id}`, `POST …/pay` and `POST …/cancel`: one of the viewer's orders.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Body, Path};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::Order, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(pay))
        .routes(routes!(cancel))
}

/// One of the viewer's orders.
#[utoipa::path(
    get, path = "/api/orders/{id}", operation_id = "order", tag = "orders", security(("token" = [])),
    params(("id" = i64, Path, description = "The order's number")),
    responses((status = 200, description = "The order", body = Order))
)]
async fn show(State(core): State<Core>, viewer: SignedIn, Path(id): Path<i64>) -> ApiResult<Json<Order>> {
    Ok(Json(core.order(&viewer, id).await?.into()))
}

/// Pay an order that has been placed.
#[utoipa::path(
    post, path = "/api/orders/{id}/pay", operation_id = "payOrder", tag = "orders", security(("token" = [])),
    params(("id" = i64, Path, description = "The order's number")), request_body = Payment,
    extensions(("x-problems" = json!(["WRONG_STATE"]))),
    responses((status = 200, description = "The order as it is now", body = Order))
)]
async fn pay(
    State(core): State<Core>,
    viewer: SignedIn,
    Path(id): Path<i64>,
    Body(payment): Body<Payment>,
) -> ApiResult<Json<Order>> {
    let paid = core.pay_order(&viewer, id, payment.payment_reference).await?;
    Ok(Json(paid.into()))
}

/// Give an order up that has not been paid.
#[utoipa::path(
    post, path = "/api/orders/{id}/cancel", operation_id = "cancelOrder", tag = "orders", security(("token" = [])),
    params(("id" = i64, Path, description = "The order's number")),
    extensions(("x-problems" = json!(["WRONG_STATE"]))),
    responses((status = 200, description = "The order as it is now", body = Order))
)]
async fn cancel(State(core): State<Core>, viewer: SignedIn, Path(id): Path<i64>) -> ApiResult<Json<Order>> {
    Ok(Json(core.cancel_order(&viewer, id).await?.into()))
}

/// A payment.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Payment {
    /// What it can be found by, such as its number at the bank: at most 100 characters.
    payment_reference: String,
}

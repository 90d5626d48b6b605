//! `GET /v1/orders/{id}` and `POST …/pay`, `…/ship`, `…/deliver`, `…/cancel`: one order, and its next step.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Body, Path, Timestamp};
use proto::orders::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Buyer, OrderState},
    session::Staff,
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(pay))
        .routes(routes!(ship))
        .routes(routes!(deliver))
        .routes(routes!(cancel))
}

/// One order, with everything that there is to know.
#[utoipa::path(
    get, path = "/v1/orders/{id}", operation_id = "getOrder", tag = "orders", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The order's number")),
    responses((status = 200, description = "The order", body = CustomerOrder))
)]
async fn show(State(core): State<Core>, staff: Staff, Path(id): Path<i64>) -> ApiResult<Json<CustomerOrder>> {
    Ok(Json(core.order(&staff.viewer, id).await?.into()))
}

/// Take note that a placed order has been paid.
#[utoipa::path(
    post, path = "/v1/orders/{id}/pay", operation_id = "markOrderPaid", tag = "orders", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The order's number")), request_body = Payment,
    extensions(("x-problems" = json!(["WRONG_STATE"]))),
    responses((status = 200, description = "The order as it is now", body = CustomerOrder))
)]
async fn pay(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<i64>,
    Body(payment): Body<Payment>,
) -> ApiResult<Json<CustomerOrder>> {
    let paid = core
        .pay_order(&staff.viewer, id, payment.payment_reference)
        .await?;
    Ok(Json(paid.into()))
}

/// Take note that a paid order is on its way.
#[utoipa::path(
    post, path = "/v1/orders/{id}/ship", operation_id = "shipOrder", tag = "orders", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The order's number")),
    extensions(("x-problems" = json!(["WRONG_STATE"]))),
    responses((status = 200, description = "The order as it is now", body = CustomerOrder))
)]
async fn ship(State(core): State<Core>, staff: Staff, Path(id): Path<i64>) -> ApiResult<Json<CustomerOrder>> {
    Ok(Json(core.ship_order(&staff.viewer, id).await?.into()))
}

/// Take note that a shipped order has arrived.
#[utoipa::path(
    post, path = "/v1/orders/{id}/deliver", operation_id = "deliverOrder", tag = "orders", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The order's number")),
    extensions(("x-problems" = json!(["WRONG_STATE"]))),
    responses((status = 200, description = "The order as it is now", body = CustomerOrder))
)]
async fn deliver(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<i64>,
) -> ApiResult<Json<CustomerOrder>> {
    Ok(Json(core.deliver_order(&staff.viewer, id).await?.into()))
}

/// Give up an order that has not been sent; its copies go back into the stock.
#[utoipa::path(
    post, path = "/v1/orders/{id}/cancel", operation_id = "cancelOrder", tag = "orders", security(("token" = ["staff"])),
    params(("id" = i64, Path, description = "The order's number")),
    extensions(("x-problems" = json!(["WRONG_STATE"]))),
    responses((status = 200, description = "The order as it is now", body = CustomerOrder))
)]
async fn cancel(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<i64>,
) -> ApiResult<Json<CustomerOrder>> {
    Ok(Json(core.cancel_order(&staff.viewer, id).await?.into()))
}

/// A payment.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Payment {
    /// What it can be found by: its number at the bank, or `cash`; at most 100 characters.
    payment_reference: String,
}

/// An order with everything that there is to know; titles and prices are as they were when it was placed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CustomerOrder {
    id: i64,
    state: OrderState,
    buyer: Buyer,
    /// ISO 4217 code of all its prices.
    currency: String,
    total_cents: i64,
    /// All books together.
    copies: i32,
    items: Vec<OrderItem>,
    /// What the payment can be found by.
    payment_reference: Option<String>,
    placed_at: Timestamp,
    paid_at: Option<Timestamp>,
    shipped_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
}

/// Some copies of one book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderItem {
    book_id: i64,
    title: String,
    /// Of one copy.
    price_cents: i64,
    quantity: i32,
}

impl From<message::Order> for CustomerOrder {
    fn from(order: message::Order) -> Self {
        let at = |moment: Option<_>| moment.map(|moment| Timestamp::from(Some(moment)));
        Self {
            id: order.id,
            state: order.state().into(),
            buyer: order.buyer.into(),
            currency: order.currency,
            total_cents: order.total_cents,
            copies: order.copies,
            items: order.items.into_iter().map(OrderItem::from).collect(),
            payment_reference: order.payment_reference,
            placed_at: order.placed_at.into(),
            paid_at: at(order.paid_at),
            shipped_at: at(order.shipped_at),
            delivered_at: at(order.delivered_at),
            cancelled_at: at(order.cancelled_at),
        }
    }
}

impl From<message::OrderItem> for OrderItem {
    fn from(item: message::OrderItem) -> Self {
        Self {
            book_id: item.book_id,
            title: item.title,
            price_cents: item.price_cents,
            quantity: item.quantity,
        }
    }
}

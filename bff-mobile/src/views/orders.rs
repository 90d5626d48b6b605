//! `GET /v1/orders` and `POST /v1/orders`: the viewer's orders page by page, and a new one.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use bff_kit::{
    ApiResult, Body, Query, Timestamp, Viewer,
    edge::RequiredKey,
    page::{Cursor, First, Page},
};
use proto::orders::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Order, OrderState},
};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list, place))
}

/// One's own orders, newest first.
#[utoipa::path(
    get, path = "/v1/orders", operation_id = "listOrders", tag = "orders", security(("token" = [])),
    params(Wanted), responses((status = 200, description = "A page of orders", body = Page<OrderCard>))
)]
async fn list(
    State(core): State<Core>,
    viewer: Viewer,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<OrderCard>>> {
    let (first, after) = (First::or(wanted.first, 6), Cursor::or_start(wanted.after));
    let found = core.orders(&viewer, first, after).await?;
    Ok(Json(Page::new(found.orders, found.next_page_token)))
}

/// Place an order: all of it or nothing. Sent again with the same key it is the same order.
#[utoipa::path(
    post, path = "/v1/orders", operation_id = "placeOrder", tag = "orders", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "A UUID: new for each order, the same whenever it is sent again", example = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f")),
    request_body = NewOrder,
    extensions(("x-problems" = json!(["OUT_OF_STOCK"]))),
    responses((
        status = 201, description = "The order", body = Order,
        headers(("location" = String, description = "Where it is"))
    ))
)]
async fn place(
    State(core): State<Core>,
    viewer: Viewer,
    _: RequiredKey,
    Body(order): Body<NewOrder>,
) -> ApiResult<impl IntoResponse> {
    let items = order.items.into_iter().map(message::WantedItem::from).collect();
    let order = Order::from(core.place_order(&viewer, items).await?);
    let location = format!("/v1/orders/{}", order.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(order)))
}

/// Which part of the orders.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 6, about a screenful, where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
}

/// An order in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderCard {
    id: i64,
    state: OrderState,
    /// Of its first book.
    title: String,
    /// All books together.
    copies: i32,
    total_cents: i64,
    currency: String,
    placed_at: Timestamp,
}

/// What the viewer wants to have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    /// 1 to 50 different books, all priced in one currency.
    items: Vec<WantedItem>,
}

/// Some copies of one book.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WantedItem {
    book_id: i64,
    /// 1 to 99 copies.
    quantity: i32,
}

impl From<message::Order> for OrderCard {
    fn from(order: message::Order) -> Self {
        Self {
            id: order.id,
            state: order.state().into(),
            title: order.items.into_iter().next().unwrap_or_default().title,
            copies: order.copies,
            total_cents: order.total_cents,
            currency: order.currency,
            placed_at: order.placed_at.into(),
        }
    }
}

impl From<WantedItem> for message::WantedItem {
    fn from(item: WantedItem) -> Self {
        Self {
            book_id: item.book_id,
            quantity: item.quantity,
        }
    }
}

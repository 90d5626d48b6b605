//! `GET /api/views/orders` and `POST /api/orders`: the viewer's orders, and a new one.
//!
//! The screen needs the orders; it can do without the cards of their books.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use bff_kit::{
    ApiResult, Body, Query, Sections, View,
    edge::RequiredKey,
    page::{Cursor, First, Page},
};
use proto::orders::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{BookCard, Order, WantedItem, cards},
    session::SignedIn,
    web::Web,
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(place))
}

/// The viewer's orders, newest first.
#[utoipa::path(
    get, path = "/api/views/orders", operation_id = "ordersPage", tag = "screens", security(("token" = [])),
    params(Wanted), responses((status = 200, description = "The screen", body = View<OrdersPage>))
)]
async fn show(
    State(core): State<Core>,
    viewer: SignedIn,
    Query(wanted): Query<Wanted>,
) -> ApiResult<View<OrdersPage>> {
    let (first, after) = (First::or(wanted.first, 10), Cursor::or_start(wanted.after));
    let found = core.orders(&viewer, first, after).await?;
    let items = found.orders.iter().flat_map(|order| &order.items);
    let books = core.book_cards(items.map(|item| item.book_id).collect()).await;

    let mut sections = Sections::new();
    let page = OrdersPage {
        orders: Page::new(found.orders, found.next_page_token),
        books: sections.cached("books", books)?.map(cards),
    };
    Ok(View::new(page, sections))
}

/// Place an order: all of it or nothing. Sent again with the same key it is the same order.
#[utoipa::path(
    post, path = "/api/orders", operation_id = "placeOrder", tag = "orders", security(("token" = [])),
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
    viewer: SignedIn,
    _: RequiredKey,
    Body(order): Body<NewOrder>,
) -> ApiResult<impl IntoResponse> {
    let items = order.items.into_iter().map(message::WantedItem::from).collect();
    let order = Order::from(core.place_order(&viewer, items).await?);
    let location = format!("/api/orders/{}", order.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(order)))
}

/// Which part of the orders.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 10 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
}

/// The viewer's orders.
#[derive(Serialize, ToSchema)]
struct OrdersPage {
    orders: Page<Order>,
    /// The books of these orders that are still in the catalogue, to show their covers; the first hundred.
    books: Option<Vec<BookCard>>,
}

/// What the viewer wants to have.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    /// 1 to 50 different books, all priced in one currency.
    items: Vec<WantedItem>,
}

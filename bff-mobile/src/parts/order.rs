//! An order of the viewer's.

use bff_kit::Timestamp;
use proto::orders::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// An order, with titles and prices as they were when it was placed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) id: i64,
    state: OrderState,
    total_cents: i64,
    currency: String,
    items: Vec<OrderItem>,
    placed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
}

/// How far an order has got.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OrderState {
    /// It waits to be paid, and can be cancelled.
    Placed,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
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

impl From<message::Order> for Order {
    fn from(order: message::Order) -> Self {
        let at = |moment: Option<_>| moment.map(|moment| Timestamp::from(Some(moment)));
        Self {
            id: order.id,
            state: order.state().into(),
            total_cents: order.total_cents,
            currency: order.currency,
            items: order.items.into_iter().map(OrderItem::from).collect(),
            placed_at: order.placed_at.into(),
            paid_at: at(order.paid_at),
            shipped_at: at(order.shipped_at),
            delivered_at: at(order.delivered_at),
            cancelled_at: at(order.cancelled_at),
        }
    }
}

impl From<message::OrderState> for OrderState {
    fn from(state: message::OrderState) -> Self {
        match state {
            message::OrderState::Unspecified | message::OrderState::Placed => Self::Placed,
            message::OrderState::Paid => Self::Paid,
            message::OrderState::Shipped => Self::Shipped,
            message::OrderState::Delivered => Self::Delivered,
            message::OrderState::Cancelled => Self::Cancelled,
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

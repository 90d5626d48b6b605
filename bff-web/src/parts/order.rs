//! An order of the viewer's.

use bff_kit::Timestamp;
use proto::orders::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order, with titles and prices as they were when it was placed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) id: i64,
    state: OrderState,
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

/// How far an order has got.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum OrderState {
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
    /// Of all its copies.
    total_cents: i64,
}

/// Some copies of one book that the viewer wants to have.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedItem {
    pub(crate) book_id: i64,
    /// 1 to 99 copies.
    pub(crate) quantity: i32,
}

impl From<message::Order> for Order {
    fn from(order: message::Order) -> Self {
        let at = |moment: Option<_>| moment.map(|moment| Timestamp::from(Some(moment)));
        Self {
            id: order.id,
            state: order.state().into(),
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
            total_cents: item.price_cents * i64::from(item.quantity),
            book_id: item.book_id,
            title: item.title,
            price_cents: item.price_cents,
            quantity: item.quantity,
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

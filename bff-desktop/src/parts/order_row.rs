//! An order in a table.

use bff_kit::Timestamp;
use proto::{orders::v1 as message, users::v1 as users};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An order in a table.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderRow {
    id: i64,
    state: OrderState,
    buyer: Buyer,
    currency: String,
    total_cents: i64,
    /// All books together.
    copies: i32,
    placed_at: Timestamp,
    paid_at: Option<Timestamp>,
}

/// How far an order has got.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OrderState {
    /// It waits to be paid.
    Placed,
    /// It waits to be sent.
    Paid,
    /// It is on its way.
    Shipped,
    /// It has arrived.
    Delivered,
    /// It was given up, and its copies are back in the stock.
    Cancelled,
}

/// Who ordered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Buyer {
    id: i64,
    username: String,
    name: String,
}

impl From<message::Order> for OrderRow {
    fn from(order: message::Order) -> Self {
        Self {
            id: order.id,
            state: order.state().into(),
            buyer: order.buyer.into(),
            currency: order.currency,
            total_cents: order.total_cents,
            copies: order.copies,
            placed_at: order.placed_at.into(),
            paid_at: order.paid_at.map(|moment| Some(moment).into()),
        }
    }
}

impl From<Option<users::User>> for Buyer {
    fn from(user: Option<users::User>) -> Self {
        let user = user.unwrap_or_default();
        Self {
            id: user.id,
            username: user.username,
            name: user.name,
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

impl From<OrderState> for message::OrderState {
    fn from(state: OrderState) -> Self {
        match state {
            OrderState::Placed => Self::Placed,
            OrderState::Paid => Self::Paid,
            OrderState::Shipped => Self::Shipped,
            OrderState::Delivered => Self::Delivered,
            OrderState::Cancelled => Self::Cancelled,
        }
    }
}

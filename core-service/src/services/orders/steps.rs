//! The way of an order, as a table: who may take it from which state to which.

use super::Whose;
use crate::models::order::OrderState::{self, Cancelled, Delivered, Paid, Placed, Shipped};

/// What can be done with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Take note that it has been paid.
    Pay,
    /// Send it.
    Ship,
    /// Take note that it has arrived.
    Deliver,
    /// Give it up.
    Cancel,
}

impl Step {
    /// The states from which those who have to do with these orders may take the step.
    pub fn from(self, whose: Whose) -> &'static [OrderState] {
        match (self, whose) {
            (Self::Pay, Whose::Buyer(_) | Whose::Everybody) => &[Placed],
            (Self::Ship, Whose::Everybody) => &[Paid],
            (Self::Deliver, Whose::Everybody) => &[Shipped],
            (Self::Cancel, Whose::Everybody) => &[Placed, Paid],
            (Self::Cancel, Whose::Buyer(_)) => &[Placed],
            (Self::Ship | Self::Deliver, Whose::Buyer(_)) => &[],
        }
    }

    /// The state to which it leads.
    pub fn to(self) -> OrderState {
        match self {
            Self::Pay => Paid,
            Self::Ship => Shipped,
            Self::Deliver => Delivered,
            Self::Cancel => Cancelled,
        }
    }
}

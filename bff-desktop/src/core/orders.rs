//! Orders, everybody's.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::orders::v1::*;

use super::Core;

/// What a row of an order shows.
pub(super) const ORDER_ROW: [&str; 8] = [
    "id",
    "state",
    "currency",
    "total_cents",
    "copies",
    "buyer",
    "placed_at",
    "paid_at",
];

impl Core {
    /// A page of orders, of those in one state where it is specified, what has waited longest first or last.
    pub(crate) async fn orders(
        &self,
        viewer: &Viewer,
        state: OrderState,
        oldest_first: bool,
        first: i32,
        after: String,
    ) -> ApiResult<ListOrdersResponse> {
        let request = ListOrdersRequest {
            state: state.into(),
            oldest_first,
            page_size: first,
            page_token: after,
            read_mask: mask(&ORDER_ROW),
        };
        self.channel.read_as(viewer, request).await
    }

    /// One order, with everything that there is to know.
    pub(crate) async fn order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = GetOrderRequest { id, read_mask: None };
        self.channel.read_as(viewer, request).await
    }

    /// Takes note that an order has been paid.
    pub(crate) async fn pay_order(&self, viewer: &Viewer, id: i64, reference: String) -> ApiResult<Order> {
        let request = PayOrderRequest {
            id,
            payment_reference: reference,
        };
        self.channel.write_as(viewer, request).await
    }

    /// Takes note that an order is on its way.
    pub(crate) async fn ship_order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = ShipOrderRequest { id };
        self.channel.write_as(viewer, request).await
    }

    /// Takes note that an order has arrived.
    pub(crate) async fn deliver_order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = DeliverOrderRequest { id };
        self.channel.write_as(viewer, request).await
    }

    /// Gives an order up.
    pub(crate) async fn cancel_order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = CancelOrderRequest { id };
        self.channel.write_as(viewer, request).await
    }

    /// What was sold on each of the last days.
    pub(crate) async fn sales(&self, viewer: &Viewer, days: i32) -> ApiResult<SalesByDayResponse> {
        let request = SalesByDayRequest { days };
        self.channel.read_as(viewer, request).await
    }
}

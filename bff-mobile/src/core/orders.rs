//! Orders.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::orders::v1::*;

use super::Core;

/// What a card of an order shows; of its items only a title.
const ORDER_CARD: [&str; 7] = [
    "id",
    "state",
    "currency",
    "total_cents",
    "copies",
    "items",
    "placed_at",
];
/// What the screen of an order shows.
pub(super) const ORDER: [&str; 10] = [
    "id",
    "state",
    "currency",
    "total_cents",
    "items",
    "placed_at",
    "paid_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
];

impl Core {
    /// A page of the viewer's orders, newest first.
    pub(crate) async fn orders(
        &self,
        viewer: &Viewer,
        first: i32,
        after: String,
    ) -> ApiResult<ListOrdersResponse> {
        let request = ListOrdersRequest {
            page_size: first,
            page_token: after,
            read_mask: mask(&ORDER_CARD),
            ..Default::default()
        };
        self.channel.read_as(viewer, request).await
    }

    /// One of the viewer's orders.
    pub(crate) async fn order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = GetOrderRequest {
            id,
            read_mask: mask(&ORDER),
        };
        self.channel.read_as(viewer, request).await
    }

    /// Places an order.
    pub(crate) async fn place_order(&self, viewer: &Viewer, items: Vec<WantedItem>) -> ApiResult<Order> {
        let request = PlaceOrderRequest { items };
        self.channel.write_as(viewer, request).await
    }

    /// Takes note that one of the viewer's orders has been paid.
    pub(crate) async fn pay_order(&self, viewer: &Viewer, id: i64, reference: String) -> ApiResult<Order> {
        let request = PayOrderRequest {
            id,
            payment_reference: reference,
        };
        self.channel.write_as(viewer, request).await
    }

    /// Gives one of the viewer's orders up.
    pub(crate) async fn cancel_order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = CancelOrderRequest { id };
        self.channel.write_as(viewer, request).await
    }
}

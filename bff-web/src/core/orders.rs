//! Orders.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::orders::v1::{order_service_client::OrderServiceClient as Orders, *};

use super::Core;

/// What an order shows.
const ORDER: [&str; 12] = [
    "id",
    "state",
    "currency",
    "total_cents",
    "copies",
    "items",
    "payment_reference",
    "placed_at",
    "paid_at",
    "shipped_at",
    "delivered_at",
    "cancelled_at",
];

impl Core {
    /// What an order of these items would be.
    pub(crate) async fn quote(&self, items: Vec<WantedItem>) -> ApiResult<Quote> {
        let request = QuoteOrderRequest { items };
        self.channel
            .read(request, async |c, r| Orders::new(c).quote_order(r).await)
            .await
    }

    /// Places an order.
    pub(crate) async fn place_order(&self, viewer: &Viewer, items: Vec<WantedItem>) -> ApiResult<Order> {
        let request = PlaceOrderRequest { items };
        self.channel
            .write_as(viewer, request, async |c, r| Orders::new(c).place_order(r).await)
            .await
    }

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
            read_mask: mask(&ORDER),
            ..Default::default()
        };
        self.channel
            .read_as(viewer, request, async |c, r| Orders::new(c).list_orders(r).await)
            .await
    }

    /// One of the viewer's orders.
    pub(crate) async fn order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = GetOrderRequest {
            id,
            read_mask: mask(&ORDER),
        };
        self.channel
            .read_as(viewer, request, async |c, r| Orders::new(c).get_order(r).await)
            .await
    }

    /// Takes note that one of the viewer's orders has been paid.
    pub(crate) async fn pay_order(&self, viewer: &Viewer, id: i64, reference: String) -> ApiResult<Order> {
        let request = PayOrderRequest {
            id,
            payment_reference: reference,
        };
        self.channel
            .write_as(viewer, request, async |c, r| Orders::new(c).pay_order(r).await)
            .await
    }

    /// Gives one of the viewer's orders up.
    pub(crate) async fn cancel_order(&self, viewer: &Viewer, id: i64) -> ApiResult<Order> {
        let request = CancelOrderRequest { id };
        self.channel
            .write_as(viewer, request, async |c, r| Orders::new(c).cancel_order(r).await)
            .await
    }
}

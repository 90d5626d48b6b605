//! `triptych.orders.v1.OrderService`.

use proto::orders::v1 as contract;
use proto::orders::v1::order_service_server::OrderService;
use proto::orders::v1::{
    BatchGetOrdersRequest, BatchGetOrdersResponse, CancelOrderRequest, DaySales, DeliverOrderRequest,
    GetOrderRequest, ListOrdersRequest, ListOrdersResponse, Order, PayOrderRequest, PlaceOrderRequest, Quote,
    QuoteOrderRequest, SalesByDayRequest, SalesByDayResponse, ShipOrderRequest,
};
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::wanted;
use super::write::Write;
use crate::error::Error;
use crate::models::fields::Fields;
use crate::models::order::OrderState;
use crate::services::Services;
use crate::services::orders::{self, OrderPage, Whose, whose};
use crate::validators::orders::{WantedItem, WantedItems, days, payment_reference};
use crate::validators::{batch, page};

/// Orders.
pub(super) struct OrderController(pub(super) Services);

/// Whose orders the call has to do with.
fn whose_of<M>(request: &Request<M>) -> crate::error::Result<Whose> {
    let allowed = Allowed::of(request)?;
    Ok(whose(allowed.caller()?, allowed.gateway))
}

#[tonic::async_trait]
impl OrderService for OrderController {
    async fn quote_order(&self, request: Request<QuoteOrderRequest>) -> Result<Response<Quote>, Status> {
        let items = WantedItems::parse(raw(request.into_inner().items))?;
        Ok(Response::new(self.0.orders.quote(items).await?.into()))
    }

    async fn place_order(&self, request: Request<PlaceOrderRequest>) -> Result<Response<Order>, Status> {
        let (call, PlaceOrderRequest { items }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let items = WantedItems::parse(raw(items))?;
        call.run(move |tx| async move { Ok(orders::place(&tx, caller, items).await?.into()) })
            .await
    }

    async fn get_order(&self, request: Request<GetOrderRequest>) -> Result<Response<Order>, Status> {
        let whose = whose_of(&request)?;
        let GetOrderRequest { id, read_mask } = request.into_inner();
        let order = self
            .0
            .orders
            .get(whose, id, wanted(read_mask, Fields::all())?)
            .await?;
        Ok(Response::new(order.into()))
    }

    async fn batch_get_orders(
        &self,
        request: Request<BatchGetOrdersRequest>,
    ) -> Result<Response<BatchGetOrdersResponse>, Status> {
        let whose = whose_of(&request)?;
        let BatchGetOrdersRequest { ids, read_mask } = request.into_inner();
        let (ids, wanted) = (batch("ids", ids)?, wanted(read_mask, Fields::all())?);
        let orders = self.0.orders.batch_get(whose, ids, wanted).await?;
        Ok(Response::new(BatchGetOrdersResponse {
            orders: orders.into_iter().map(Order::from).collect(),
        }))
    }

    async fn list_orders(
        &self,
        request: Request<ListOrdersRequest>,
    ) -> Result<Response<ListOrdersResponse>, Status> {
        let whose = whose_of(&request)?;
        let request = request.into_inner();
        let state = state(request.state)?;
        let question = format!("orders {whose:?} {state:?} {}", request.oldest_first);
        let size = page::size(request.page_size)?;
        let after = page::place(&request.page_token, &question)?.map(|[id]| id);
        let wanted = wanted(request.read_mask, Fields::all())?;

        let page = OrderPage {
            state,
            oldest_first: request.oldest_first,
            size,
            after,
        };
        let mut orders = self.0.orders.list(whose, page, wanted).await?;
        let more = page::cut(&mut orders, size);
        let last = orders.last().filter(|_| more);
        let next = last.map(|order| page::token([order.id], &question));
        Ok(Response::new(ListOrdersResponse {
            orders: orders.into_iter().map(Order::from).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn pay_order(&self, request: Request<PayOrderRequest>) -> Result<Response<Order>, Status> {
        let whose = whose_of(&request)?;
        let (call, message) = Write::of(&self.0, request)?;
        let reference = payment_reference(message.payment_reference)?;
        call.run(move |tx| async move { Ok(orders::pay(&tx, whose, message.id, reference).await?.into()) })
            .await
    }

    async fn ship_order(&self, request: Request<ShipOrderRequest>) -> Result<Response<Order>, Status> {
        let whose = whose_of(&request)?;
        let (call, ShipOrderRequest { id }) = Write::of(&self.0, request)?;
        call.run(move |tx| async move { Ok(orders::ship(&tx, whose, id).await?.into()) })
            .await
    }

    async fn deliver_order(&self, request: Request<DeliverOrderRequest>) -> Result<Response<Order>, Status> {
        let whose = whose_of(&request)?;
        let (call, DeliverOrderRequest { id }) = Write::of(&self.0, request)?;
        call.run(move |tx| async move { Ok(orders::deliver(&tx, whose, id).await?.into()) })
            .await
    }

    async fn cancel_order(&self, request: Request<CancelOrderRequest>) -> Result<Response<Order>, Status> {
        let whose = whose_of(&request)?;
        let (call, CancelOrderRequest { id }) = Write::of(&self.0, request)?;
        call.run(move |tx| async move { Ok(orders::cancel(&tx, whose, id).await?.into()) })
            .await
    }

    async fn sales_by_day(
        &self,
        request: Request<SalesByDayRequest>,
    ) -> Result<Response<SalesByDayResponse>, Status> {
        let days = days(request.into_inner().days)?;
        let days = self.0.orders.sales_by_day(days).await?;
        Ok(Response::new(SalesByDayResponse {
            days: days.into_iter().map(DaySales::from).collect(),
        }))
    }
}

fn raw(items: Vec<contract::WantedItem>) -> Vec<WantedItem> {
    let items = items.into_iter().map(|item| WantedItem {
        book_id: item.book_id,
        quantity: item.quantity,
    });
    items.collect()
}

/// The state that a list is of; none for all of them.
fn state(number: i32) -> crate::error::Result<Option<OrderState>> {
    match contract::OrderState::try_from(number) {
        Ok(contract::OrderState::Unspecified) => Ok(None),
        Ok(contract::OrderState::Placed) => Ok(Some(OrderState::Placed)),
        Ok(contract::OrderState::Paid) => Ok(Some(OrderState::Paid)),
        Ok(contract::OrderState::Shipped) => Ok(Some(OrderState::Shipped)),
        Ok(contract::OrderState::Delivered) => Ok(Some(OrderState::Delivered)),
        Ok(contract::OrderState::Cancelled) => Ok(Some(OrderState::Cancelled)),
        Err(_) => Err(Error::invalid("state", "is no state of an order")),
    }
}

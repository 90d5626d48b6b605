//! The way of an order: every step, from every state, by everybody.

use core_service::models::session::Client;
use proto::orders::v1::{
    CancelOrderRequest, DeliverOrderRequest, Order, OrderState, PayOrderRequest, ShipOrderRequest,
};
use tonic::{Response, Status};

use crate::access::through;
use crate::app::{Actor, App, refusal};

const STEPS: [&str; 4] = ["pay", "ship", "deliver", "cancel"];

/// Who may take each step from each state: the buyer, the desk.
#[rustfmt::skip]
const WAY: [(OrderState, [&[&str]; 4]); 5] = [
    //                        pay                  ship        deliver     cancel
    (OrderState::Placed,    [&["buyer", "desk"], &[],        &[],        &["buyer", "desk"]]),
    (OrderState::Paid,      [&[],                &["desk"],  &[],        &["desk"]]),
    (OrderState::Shipped,   [&[],                &[],        &["desk"],  &[]]),
    (OrderState::Delivered, [&[],                &[],        &[],        &[]]),
    (OrderState::Cancelled, [&[],                &[],        &[],        &[]]),
];

async fn take(app: &App, by: &Actor, step: &str, id: i64) -> Result<Response<Order>, Status> {
    let mut orders = app.orders();
    match step {
        "pay" => {
            let payment_reference = "a transfer".to_owned();
            orders
                .pay_order(by.asks(PayOrderRequest {
                    id,
                    payment_reference,
                }))
                .await
        }
        "ship" => orders.ship_order(by.asks(ShipOrderRequest { id })).await,
        "deliver" => orders.deliver_order(by.asks(DeliverOrderRequest { id })).await,
        _ => orders.cancel_order(by.asks(CancelOrderRequest { id })).await,
    }
}

/// The steps that lead to a state.
fn way_to(state: OrderState) -> &'static [&'static str] {
    match state {
        OrderState::Paid => &STEPS[..1],
        OrderState::Shipped => &STEPS[..2],
        OrderState::Delivered => &STEPS[..3],
        OrderState::Cancelled => &STEPS[3..],
        OrderState::Placed | OrderState::Unspecified => &[],
    }
}

#[tokio::test]
async fn every_step_from_every_state_by_everybody() {
    let app = App::start().await;
    let (ada, eve, tim) = (
        app.reader("ada").await,
        app.reader("eve").await,
        app.staff("tim").await,
    );
    let tim_at_home = through(&app, &tim, Client::Mobile).await;
    let book = app.book(&tim, "Emma", "Jane Austen").await.id;
    app.database.execute("UPDATE books SET stock = 1000").await;

    let mut deviations = Vec::new();
    for (state, allowed) in WAY {
        for (step, allowed) in STEPS.into_iter().zip(allowed) {
            let people = [
                ("buyer", &ada),
                ("stranger", &eve),
                ("staff at home", &tim_at_home),
                ("desk", &tim),
            ];
            for (who, actor) in people {
                let order = app.order(&ada, &[(book, 1)]).await;
                for step in way_to(state) {
                    take(&app, &tim, step, order.id).await.unwrap();
                }
                let expected = match (step, who) {
                    ("ship" | "deliver", "buyer" | "stranger" | "staff at home") => "FORBIDDEN",
                    (_, "stranger" | "staff at home") => "NOT_FOUND",
                    _ if allowed.contains(&who) => "done",
                    _ => "WRONG_STATE",
                };
                let answer = take(&app, actor, step, order.id).await;
                let found = match answer {
                    Ok(_) => "done".to_owned(),
                    Err(status) => refusal::<()>(Err(status)).1,
                };
                if found != expected {
                    deviations.push(format!("{who}: {step} from {state:?}: {found}, not {expected}"));
                }
            }
        }
    }
    assert!(deviations.is_empty(), "{deviations:#?}");
}

#[tokio::test]
async fn every_step_leaves_its_time() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let book = app.book(&tim, "Emma", "Jane Austen").await.id;
    let order = app.order(&ada, &[(book, 1)]).await;
    let mut order = order;
    for step in &STEPS[..3] {
        order = take(&app, &tim, step, order.id).await.unwrap().into_inner();
    }
    let times = [
        order.placed_at,
        order.paid_at,
        order.shipped_at,
        order.delivered_at,
    ];
    assert!(times.iter().all(Option::is_some) && order.cancelled_at.is_none());
    assert!(
        times.is_sorted_by_key(|time| time.map(|time| (time.seconds, time.nanos))),
        "{times:?}"
    );
    assert_eq!(order.state(), OrderState::Delivered);
}

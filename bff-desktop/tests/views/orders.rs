//! Everybody's orders, and their next steps.

use proto::{
    orders::v1::{ListOrdersResponse, OrderState},
    users::v1::Role,
};
use serde_json::json;
use test_kit::{
    fake_core::{CancelOrder, DeliverOrder, GetAccount, GetOrder, ListOrders, PayOrder, ShipOrder},
    status,
};

use crate::harness::{account, order, start};

#[tokio::test]
async fn lists_the_orders_in_one_state_the_oldest_first() {
    let app = start().await;
    let orders = ListOrdersResponse {
        orders: vec![order(5)],
        next_page_token: "abc".to_owned(),
    };
    app.core.gives(ListOrders, orders);

    let page = app
        .ada
        .get("/v1/orders?state=paid&order=oldest&first=7&after=xyz")
        .await
        .ok();

    insta::assert_json_snapshot!(page, @r#"
    {
      "items": [
        {
          "buyer": {
            "id": 1,
            "name": "Ada Lovelace",
            "username": "ada"
          },
          "copies": 3,
          "currency": "EUR",
          "id": 5,
          "paidAt": "2023-11-14T22:15:00.000Z",
          "placedAt": "2023-11-14T22:13:20.000Z",
          "state": "shipped",
          "totalCents": 3897
        }
      ],
      "pageInfo": {
        "endCursor": "abc",
        "hasNextPage": true
      }
    }
    "#);
    let asked = app.core.call(ListOrders).message;
    assert_eq!((asked.state(), asked.oldest_first), (OrderState::Paid, true));
    assert_eq!((asked.page_size, &*asked.page_token), (7, "xyz"));
}

#[tokio::test]
async fn lists_all_of_them_newest_first_and_knows_no_other_states() {
    let app = start().await;
    app.core.gives(ListOrders, ListOrdersResponse::default());
    app.ada.get("/v1/orders").await.ok();
    let asked = app.core.call(ListOrders).message;
    assert_eq!(
        (asked.state(), asked.oldest_first, asked.page_size),
        (OrderState::Unspecified, false, 50)
    );

    let answer = app.ada.get("/v1/orders?state=lost").await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(
        answer.errors(),
        ["state has to be one of placed, paid, shipped, delivered, cancelled"]
    );
}

#[tokio::test]
async fn shows_an_order_with_everything_that_there_is_to_know() {
    let app = start().await;
    app.core.gives(GetOrder, order(5));
    insta::assert_json_snapshot!(app.ada.get("/v1/orders/5").await.ok(), @r#"
    {
      "buyer": {
        "id": 1,
        "name": "Ada Lovelace",
        "username": "ada"
      },
      "cancelledAt": null,
      "copies": 3,
      "currency": "EUR",
      "deliveredAt": null,
      "id": 5,
      "items": [
        {
          "bookId": 7,
          "priceCents": 1299,
          "quantity": 2,
          "title": "Book 7"
        },
        {
          "bookId": 8,
          "priceCents": 1299,
          "quantity": 1,
          "title": "Book 8"
        }
      ],
      "paidAt": "2023-11-14T22:15:00.000Z",
      "paymentReference": "a transfer",
      "placedAt": "2023-11-14T22:13:20.000Z",
      "shippedAt": "2023-11-14T22:16:40.000Z",
      "state": "shipped",
      "totalCents": 3897
    }
    "#);
}

#[tokio::test]
async fn every_step_is_one_write() {
    let app = start().await;
    app.core.gives(PayOrder, order(5));
    app.core.gives(ShipOrder, order(5));
    app.core.gives(DeliverOrder, order(5));
    app.core.gives(CancelOrder, order(5));
    app.ada
        .post("/v1/orders/5/pay", json!({"paymentReference": "cash"}))
        .await
        .ok();
    for step in ["ship", "deliver", "cancel"] {
        let answer = app.ada.post(&format!("/v1/orders/5/{step}"), json!({})).await;
        assert_eq!(answer.ok()["id"], 5, "{step}");
    }
    assert_eq!(app.core.call(PayOrder).message.payment_reference, "cash");
    assert_eq!(app.core.call(ShipOrder).message.id, 5);
    assert_eq!(app.core.call(DeliverOrder).message.id, 5);
    assert_eq!(app.core.call(CancelOrder).message.id, 5);
}

#[tokio::test]
async fn a_step_that_the_order_is_not_ready_for_says_so() {
    let app = start().await;
    let problem = "is placed, and has to be paid for that";
    app.core.refuses(ShipOrder, status::wrong_state(problem));
    let answer = app.ada.post("/v1/orders/5/ship", json!({})).await;
    assert_eq!(answer.problem(), (409, "WRONG_STATE"));
    assert_eq!(answer.errors(), [format!("state {problem}")]);
}

#[tokio::test]
async fn readers_do_not_get_to_the_orders() {
    let app = start().await;
    app.core.gives(GetAccount, account(Role::Reader));
    for path in ["/v1/orders", "/v1/orders/5"] {
        assert_eq!(app.ada.get(path).await.problem(), (403, "FORBIDDEN"));
    }
    assert_eq!(
        app.ada.post("/v1/orders/5/ship", json!({})).await.problem(),
        (403, "FORBIDDEN")
    );
    assert!(app.core.calls(ShipOrder).is_empty() && app.core.calls(ListOrders).is_empty());
}

//! One's own orders.

use proto::orders::v1::{ListOrdersResponse, WantedItem};
use serde_json::{Value, json};
use test_kit::{
    fake_core::{CancelOrder, GetOrder, ListOrders, PayOrder, PlaceOrder},
    status,
};

use crate::harness::{KEY, order, post_with_key, start};

fn two_books() -> Value {
    json!({"items": [{"bookId": 7, "quantity": 2}, {"bookId": 8, "quantity": 1}]})
}

#[tokio::test]
async fn a_page_has_light_cards_and_a_cursor() {
    let app = start().await;
    let orders = ListOrdersResponse {
        orders: vec![order(5)],
        next_page_token: "abc".to_owned(),
    };
    app.core.gives(ListOrders, orders);

    let page = app.ada.get("/v1/orders?first=1").await.ok();

    insta::assert_json_snapshot!(page, @r#"
    {
      "items": [
        {
          "copies": 3,
          "currency": "EUR",
          "id": 5,
          "placedAt": "2023-11-14T22:13:20.000Z",
          "state": "shipped",
          "title": "Book 7",
          "totalCents": 3897
        }
      ],
      "pageInfo": {
        "endCursor": "abc",
        "hasNextPage": true
      }
    }
    "#);
    let asked = app.core.call(ListOrders);
    assert_eq!(
        (asked.header("authorization"), asked.message.page_size),
        ("Bearer ada-s-token", 1)
    );
    assert_eq!(
        app.guest.get("/v1/orders").await.problem(),
        (401, "TOKEN_MISSING")
    );
}

#[tokio::test]
async fn one_order_leaves_out_what_has_not_come_yet() {
    let app = start().await;
    app.core.gives(GetOrder, order(5));
    insta::assert_json_snapshot!(app.ada.get("/v1/orders/5").await.ok(), @r#"
    {
      "currency": "EUR",
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
      "placedAt": "2023-11-14T22:13:20.000Z",
      "shippedAt": "2023-11-14T22:16:40.000Z",
      "state": "shipped",
      "totalCents": 3897
    }
    "#);
    app.core.refuses(GetOrder, status::not_found("order"));
    assert_eq!(app.ada.get("/v1/orders/6").await.problem(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn a_new_order_goes_to_the_core_once_with_its_key() {
    let app = start().await;
    app.core.gives(PlaceOrder, order(5));

    let answer = post_with_key(&app.ada, "/v1/orders", two_books()).await;

    assert_eq!((answer.status, answer.header("location")), (201, "/v1/orders/5"));
    let call = app.core.call(PlaceOrder);
    assert_eq!(
        (call.header("authorization"), call.header("idempotency-key")),
        ("Bearer ada-s-token", KEY)
    );
    let item = |book_id, quantity| WantedItem { book_id, quantity };
    assert_eq!(call.message.items, [item(7, 2), item(8, 1)]);
    assert_eq!(app.core.call_count(), 1);

    let too_few = ("items[0].quantity", "is too high: no copy is left");
    app.core.refuses(PlaceOrder, status::out_of_stock(&[too_few]));
    let answer = post_with_key(&app.ada, "/v1/orders", two_books()).await;
    assert_eq!(answer.problem(), (409, "OUT_OF_STOCK"));
    assert_eq!(
        answer.errors(),
        ["items[0].quantity is too high: no copy is left"]
    );
}

#[tokio::test]
async fn an_order_without_a_key_is_refused() {
    let app = start().await;
    app.core.gives(PlaceOrder, order(5));
    let answer = app.ada.post("/v1/orders", two_books()).await;
    assert_eq!(answer.problem(), (400, "IDEMPOTENCY_KEY_MISSING"));
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn an_order_is_paid_or_given_up() {
    let app = start().await;
    app.core.gives(PayOrder, order(5));
    app.core.gives(CancelOrder, order(5));
    app.ada
        .post("/v1/orders/5/pay", json!({"paymentReference": "a transfer"}))
        .await
        .ok();
    app.ada.post("/v1/orders/5/cancel", json!({})).await.ok();
    assert_eq!(app.core.call(PayOrder).message.payment_reference, "a transfer");
    assert_eq!(app.core.call(CancelOrder).message.id, 5);

    app.core.refuses(
        CancelOrder,
        status::wrong_state("is paid, and has to be placed for that"),
    );
    let answer = app.ada.post("/v1/orders/5/cancel", json!({})).await;
    assert_eq!(answer.problem(), (409, "WRONG_STATE"));
    assert_eq!(answer.errors(), ["state is paid, and has to be placed for that"]);
}

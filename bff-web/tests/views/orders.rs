//! The viewer's orders.

use proto::{
    books::v1::BatchGetBooksResponse,
    orders::v1::{ListOrdersResponse, WantedItem},
};
use serde_json::{Value, json};
use test_kit::{
    fake_core::{BatchGetBooks, CancelOrder, GetOrder, ListOrders, PayOrder, PlaceOrder},
    status,
};
use tonic::Status;

use crate::harness::{KEY, book, order, post_with_key, start};

fn two_books() -> Value {
    json!({"items": [{"bookId": 7, "quantity": 2}, {"bookId": 8, "quantity": 1}]})
}

#[tokio::test]
async fn shows_orders_with_the_cards_of_their_books() {
    let app = start().await;
    let orders = ListOrdersResponse {
        orders: vec![order(5), order(4)],
        next_page_token: "more".to_owned(),
    };
    app.core.gives(ListOrders, orders);
    app.core
        .gives(BatchGetBooks, BatchGetBooksResponse { books: vec![book(7)] });

    let page = app.ada.get("/api/views/orders?first=2&after=abc").await.ok();

    insta::assert_json_snapshot!(page["orders"]["items"][0], @r#"
    {
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
          "title": "Book 7",
          "totalCents": 2598
        },
        {
          "bookId": 8,
          "priceCents": 1299,
          "quantity": 1,
          "title": "Book 8",
          "totalCents": 1299
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
    assert_eq!(
        page["orders"]["pageInfo"],
        json!({"hasNextPage": true, "endCursor": "more"})
    );
    assert_eq!(
        (
            &page["books"][0]["id"],
            &page["meta"]["sections"]["books"]["state"]
        ),
        (&json!(7), &json!("fresh"))
    );
    let asked = app.core.call(ListOrders);
    assert_eq!(asked.header("authorization"), "Bearer ada-s-token");
    assert_eq!((asked.message.page_size, &*asked.message.page_token), (2, "abc"));
    assert!(!asked.message.read_mask.unwrap().paths.contains(&"buyer".into()));
    assert_eq!(app.core.call(BatchGetBooks).message.ids, [7, 8]);
}

#[tokio::test]
async fn leaves_the_books_out_while_they_are_down() {
    let app = start().await;
    app.core.gives(
        ListOrders,
        ListOrdersResponse {
            orders: vec![order(5)],
            ..Default::default()
        },
    );
    let page = app.ada.get("/api/views/orders").await.ok();
    assert_eq!(
        (&page["orders"]["items"][0]["id"], &page["books"]),
        (&json!(5), &Value::Null)
    );
    assert_eq!(page["meta"]["sections"]["books"]["state"], "missing");
}

#[tokio::test]
async fn there_is_no_screen_without_orders_and_none_for_guests() {
    let app = start().await;
    assert_eq!(
        app.ada.get("/api/views/orders").await.problem(),
        (503, "UNAVAILABLE")
    );
    assert_eq!(
        app.guest.get("/api/views/orders").await.problem(),
        (401, "TOKEN_MISSING")
    );
    app.core.gives(ListOrders, ListOrdersResponse::default());
    assert_eq!(app.ada.get("/api/views/orders").await.ok()["books"], json!([]));
}

#[tokio::test]
async fn a_new_order_is_one_call_and_says_where_it_is() {
    let app = start().await;
    app.core.gives(PlaceOrder, order(5));

    let answer = post_with_key(&app.ada, "/api/orders", two_books()).await;

    assert_eq!((answer.status, answer.header("location")), (201, "/api/orders/5"));
    assert_eq!(answer.body["items"][0]["title"], "Book 7");
    let call = app.core.call(PlaceOrder);
    assert_eq!(
        (call.header("authorization"), call.header("idempotency-key")),
        ("Bearer ada-s-token", KEY)
    );
    let item = |book_id, quantity| WantedItem { book_id, quantity };
    assert_eq!(call.message.items, [item(7, 2), item(8, 1)]);
    assert_eq!(app.core.call_count(), 1);
}

#[tokio::test]
async fn an_order_without_a_key_is_refused_with_a_word_about_what_to_send() {
    let app = start().await;
    app.core.gives(PlaceOrder, order(5));
    let answer = app.ada.post("/api/orders", two_books()).await;
    assert_eq!(answer.problem(), (400, "IDEMPOTENCY_KEY_MISSING"));
    assert!(
        answer.body["detail"]
            .as_str()
            .unwrap()
            .contains("`Idempotency-Key`"),
        "{}",
        answer.body
    );
    let guest = app.guest.post("/api/orders", two_books()).await;
    assert_eq!(guest.problem(), (401, "TOKEN_MISSING"));
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_called_by_the_names_that_the_app_knows() {
    let app = start().await;
    let place = async || post_with_key(&app.ada, "/api/orders", two_books()).await;

    let too_few = ("items[1].quantity", "is too high: 1 copy is left");
    app.core.refuses(PlaceOrder, status::out_of_stock(&[too_few]));
    let answer = place().await;
    assert_eq!(answer.problem(), (409, "OUT_OF_STOCK"));
    assert_eq!(answer.errors(), ["items[1].quantity is too high: 1 copy is left"]);

    app.core.refuses(
        PlaceOrder,
        status::invalid(&[("items[0].book_id", "is no book of ours")]),
    );
    let answer = place().await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(answer.errors(), ["items[0].bookId is no book of ours"]);

    let wrong = json!({"items": [{"bookId": "7", "priceCents": 1}]});
    let answer = post_with_key(&app.ada, "/api/orders", wrong).await;
    let mut errors = answer.errors();
    errors.sort();
    assert_eq!(
        errors,
        [
            "items[0].bookId has to be a whole number",
            "items[0].priceCents is unknown",
            "items[0].quantity is missing"
        ]
    );
}

#[tokio::test]
async fn an_order_is_shown_paid_and_given_up() {
    let app = start().await;
    app.core.gives(GetOrder, order(5));
    assert_eq!(app.ada.get("/api/orders/5").await.ok()["id"], 5);
    app.core.refuses(GetOrder, status::not_found("order"));
    assert_eq!(app.ada.get("/api/orders/6").await.problem(), (404, "NOT_FOUND"));

    app.core.gives(PayOrder, order(5));
    let payment = json!({"paymentReference": "a transfer"});
    app.ada.post("/api/orders/5/pay", payment).await.ok();
    let paid = app.core.call(PayOrder).message;
    assert_eq!((paid.id, &*paid.payment_reference), (5, "a transfer"));

    let problem = "is shipped, and has to be placed for that";
    app.core.refuses(CancelOrder, status::wrong_state(problem));
    let answer = app.ada.post("/api/orders/5/cancel", json!({})).await;
    assert_eq!(answer.problem(), (409, "WRONG_STATE"));
    assert_eq!(answer.errors(), [format!("state {problem}")]);
}

#[tokio::test]
async fn a_failed_precondition_of_another_kind_is_a_fault_of_ours() {
    let app = start().await;
    app.core
        .refuses(GetOrder, Status::failed_precondition("a secret of the core"));
    let answer = app.ada.get("/api/orders/5").await;
    assert_eq!(answer.problem(), (500, "INTERNAL"));
    assert!(!answer.body.to_string().contains("secret"));
}

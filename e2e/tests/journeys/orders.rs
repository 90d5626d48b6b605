//! An order's way from the browser or the phone to the desk and back.

use e2e::{Cluster, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::Client;

const KEY: &str = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";

/// What a gateway answered to an order with this key: its status, whether it was given before, and its very bytes.
async fn place(client: &Client, path: &str, key: &str, items: &Value) -> (u16, bool, Vec<u8>) {
    let request = client
        .request(Method::POST, path)
        .json(&json!({ "items": items }));
    let answer = request.header("idempotency-key", key).send().await.unwrap();
    let replayed = answer
        .headers()
        .get("idempotency-replayed")
        .is_some_and(|value| value == "true");
    (
        answer.status().as_u16(),
        replayed,
        answer.bytes().await.unwrap().to_vec(),
    )
}

/// A book of which there are some copies, and how many.
async fn a_book(cluster: &Cluster) -> (i64, i64) {
    let found = cluster.web.guest().get("/api/views/home").await.ok();
    let id = found["books"][0]["id"].as_i64().expect("a popular book");
    (id, stock(cluster, id).await)
}

async fn stock(cluster: &Cluster, id: i64) -> i64 {
    let page = cluster
        .web
        .guest()
        .get(&format!("/api/views/books/{id}"))
        .await
        .ok();
    page["book"]["stock"].as_i64().expect("a stock")
}

#[tokio::test]
async fn an_order_that_is_sent_twice_is_one_order_on_every_face() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (cluster.newcomer().await, cluster.newcomer().await);
    let (id, before) = a_book(&cluster).await;
    let items = json!([{"bookId": id, "quantity": 2}]);

    let first = place(&ada.web, "/api/orders", KEY, &items).await;
    let again = place(&ada.web, "/api/orders", KEY, &items).await;

    assert_eq!((first.0, first.1, again.0, again.1), (201, false, 201, true));
    assert_eq!(first.2, again.2);
    assert_eq!(stock(&cluster, id).await, before - 2);
    let other = place(
        &ada.web,
        "/api/orders",
        KEY,
        &json!([{"bookId": id, "quantity": 1}]),
    )
    .await;
    assert_eq!(other.0, 422);

    // The same word from somebody else, and from the phone, is another order.
    let on_the_phone = place(&eve.mobile, "/v1/orders", KEY, &items).await;
    let again = place(&eve.mobile, "/v1/orders", KEY, &items).await;
    assert_eq!((on_the_phone.0, on_the_phone.1, again.1), (201, false, true));
    assert_eq!(on_the_phone.2, again.2);
    assert_eq!(stock(&cluster, id).await, before - 4);
    for (client, path) in [(&ada.web, "/api/orders"), (&eve.mobile, "/v1/orders")] {
        let without = client.post(path, json!({ "items": items })).await;
        assert_eq!(without.problem(), (400, "IDEMPOTENCY_KEY_MISSING"));
    }
}

#[tokio::test]
async fn a_buyers_order_is_seen_and_shipped_at_the_desk() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (cluster.newcomer().await, cluster.newcomer().await);
    let desk = cluster.desktop_as(STAFF).await;
    let (id, before) = a_book(&cluster).await;

    let checkout = ada
        .web
        .get(&format!("/api/views/checkout?items={id}x2,999999x1"))
        .await
        .ok();
    assert_eq!(
        (&checkout["orderable"], &checkout["lines"][1]["problem"]),
        (&json!(false), &json!("gone"))
    );
    let (_, _, order) = place(
        &ada.web,
        "/api/orders",
        KEY,
        &json!([{"bookId": id, "quantity": 2}]),
    )
    .await;
    let order: Value = serde_json::from_slice(&order).unwrap();
    assert_eq!(order["totalCents"], checkout["lines"][0]["now"]["totalCents"]);
    let number = order["id"].as_i64().unwrap();
    let (on_web, on_mobile, at_desk) = (
        format!("/api/orders/{number}"),
        format!("/v1/orders/{number}"),
        format!("/v1/orders/{number}"),
    );

    // Nobody else's, whoever asks and wherever.
    assert_eq!(eve.web.get(&on_web).await.problem(), (404, "NOT_FOUND"));
    assert_eq!(eve.mobile.get(&on_mobile).await.problem(), (404, "NOT_FOUND"));
    assert_eq!(
        cluster.web_as(STAFF).await.get(&on_web).await.problem(),
        (404, "NOT_FOUND")
    );

    // Too early to be sent; paid on the phone, seen at the desk, sent.
    let early = desk.post(&format!("{at_desk}/ship"), json!({})).await;
    assert_eq!(early.problem(), (409, "WRONG_STATE"));
    assert_eq!(early.errors(), ["state is placed, and has to be paid for that"]);
    let payment = json!({"paymentReference": "a transfer"});
    ada.mobile.post(&format!("{on_mobile}/pay"), payment).await.ok();
    let workspace = desk.get("/v1/workspace").await.ok();
    let waiting = workspace["toFulfil"].as_array().unwrap();
    let row = waiting
        .iter()
        .find(|row| row["id"] == number)
        .expect("it waits at the desk");
    assert_eq!(row["buyer"]["username"], *ada.username);
    assert_eq!(
        (&workspace["sales"][0]["orders"], &workspace["sales"][0]["copies"]),
        (&json!(1), &json!(2))
    );
    desk.post(&format!("{at_desk}/ship"), json!({})).await.ok();
    let listed = desk.get("/v1/orders?state=shipped").await.ok();
    assert!(
        listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["id"] == number)
    );

    let seen = ada.web.get("/api/views/orders").await.ok();
    assert_eq!(seen["orders"]["items"][0]["state"], "shipped");
    let late = ada.web.post(&format!("{on_web}/cancel"), json!({})).await;
    assert_eq!(late.problem(), (409, "WRONG_STATE"));
    let book = ada.web.get(&format!("/api/views/books/{id}")).await.ok();
    assert_eq!(
        (&book["viewer"]["bought"], &book["book"]["stock"]),
        (&json!(true), &json!(before - 2))
    );
}

#[tokio::test]
async fn what_is_given_up_is_there_for_others() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (cluster.newcomer().await, cluster.newcomer().await);
    let (id, all) = a_book(&cluster).await;
    let all_of_them = json!([{"bookId": id, "quantity": all}]);

    let (status, _, order) = place(&ada.web, "/api/orders", KEY, &all_of_them).await;
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&order));
    let order: Value = serde_json::from_slice(&order).unwrap();
    let (status, _, refusal) = place(&eve.mobile, "/v1/orders", KEY, &all_of_them).await;
    let refusal: Value = serde_json::from_slice(&refusal).unwrap();
    assert_eq!((status, &refusal["code"]), (409, &json!("OUT_OF_STOCK")));
    assert_eq!(
        refusal["errors"][0],
        json!({"field": "items[0].quantity", "detail": "is too high: no copy is left"})
    );

    ada.web
        .post(&format!("/api/orders/{}/cancel", order["id"]), json!({}))
        .await
        .ok();
    // The refusal was no answer to keep: the same order, with the same key, can be had now.
    assert_eq!(place(&eve.mobile, "/v1/orders", KEY, &all_of_them).await.0, 201);
    assert_eq!(stock(&cluster, id).await, 0);
}

#[tokio::test]
async fn the_phone_lists_orders_in_a_quarter_of_the_bytes() {
    let cluster = Cluster::start().await;
    let ada = cluster.newcomer().await;
    let found = cluster.web.guest().get("/api/views/home").await.ok();
    cluster.sabotage("UPDATE books SET stock = 50").await;
    let ids: Vec<_> = found["books"]
        .as_array()
        .unwrap()
        .iter()
        .map(|book| book["id"].clone())
        .collect();
    for number in 0..4 {
        let items: Value = ids
            .iter()
            .skip(number % 2)
            .take(3)
            .map(|id| json!({"bookId": id, "quantity": 1}))
            .collect();
        let key = format!("an-order-of-{number}-that-is-new");
        assert_eq!(place(&ada.web, "/api/orders", &key, &items).await.0, 201);
    }
    let (heavy, light) = (
        ada.web.get("/api/views/orders").await,
        ada.mobile.get("/v1/orders").await,
    );
    assert_eq!((heavy.status, light.status), (200, 200));
    assert!(
        light.bytes * 4 <= heavy.bytes,
        "mobile {} bytes, web {}",
        light.bytes,
        heavy.bytes
    );
}

//! S3: fields that somebody sends to be more than they are, each alone, with everything that can be written. They are
//! refused by name, and nothing has changed; in the Conduit contract, which lets unknown fields pass, nobody is more or
//! owns more for it.

use e2e::{Cluster, Program, STAFF};
use reqwest::Method;
use serde_json::json;
use test_kit::client::{Answer, Client};

use crate::attacks::{self, fresh_key};
use crate::bad_input::is_conduit;
use crate::openapi::{self, Operation};

/// What somebody sends beside what they may, to be more than they are or to own what they do not.
pub const HOSTILE: [&str; 30] = [
    "id",
    "_id",
    "role",
    "roles",
    "isAdmin",
    "is_admin",
    "admin",
    "owner",
    "ownerId",
    "owner_id",
    "userId",
    "user_id",
    "author",
    "authorId",
    "buyerId",
    "createdAt",
    "created_at",
    "updatedAt",
    "deletedAt",
    "version",
    "passwordHash",
    "password_hash",
    "token",
    "sessionId",
    "likeCount",
    "ratingsCount",
    "__proto__",
    "constructor",
    "$set",
    "permissions",
];

/// How many rows there are that a write could add or take away, and what the shop's numbers come to.
const ROWS: &str = "SELECT CAST((SELECT count(*) FROM users) + (SELECT count(*) FROM posts) \
    + (SELECT count(*) FROM comments) + (SELECT count(*) FROM likes) + (SELECT count(*) FROM follows) \
    + (SELECT count(*) FROM orders) + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM moderations) \
    + (SELECT count(*) FROM idempotency_keys) + (SELECT count(*) * 1000 + sum(stock) + sum(price_cents) FROM books) \
    AS bigint)";
/// How many are more than readers.
const POWERFUL: &str = "SELECT count(*) FROM users WHERE role <> 'reader'";

/// The good request with one more field in its body.
async fn send(client: &Client, operation: &Operation, field: &str) -> Option<Answer> {
    let mut body = openapi::sample(&operation.body.as_ref()?.schema);
    let known = body.as_object_mut()?;
    if known.contains_key(field) {
        return None;
    }
    known.insert(field.to_owned(), json!("admin"));
    let request = client.request(operation.method.clone(), &attacks::target(operation, None, ""));
    let request = request
        .header("x-csrf", "1")
        .header("idempotency-key", fresh_key());
    Some(client.send(request.json(&body)).await)
}

/// Whether an answer refuses this field by its name.
fn refuses(answer: &Answer, field: &str) -> bool {
    let names = |error: &serde_json::Value| error["field"].as_str() == Some(field);
    answer.status == 422
        && answer.body["errors"]
            .as_array()
            .is_some_and(|errors| errors.iter().any(names))
}

/// Sends every hostile field to every operation that takes JSON in the gateway's own shape.
async fn sweep(cluster: &Cluster, gateway: &Program, somebody: &Client) {
    let document = gateway.guest().get("/openapi.json").await.ok();
    let before = cluster.number(ROWS).await;
    let (mut sent, mut taken) = (0, Vec::new());
    for operation in openapi::operations(&document) {
        let json = operation
            .body
            .as_ref()
            .is_some_and(|body| body.media_type == "application/json");
        if !json || is_conduit(&operation.path) {
            continue;
        }
        for field in HOSTILE {
            let Some(answer) = send(somebody, &operation, field).await else {
                continue;
            };
            sent += 1;
            if !refuses(&answer, field) {
                taken.push(format!(
                    "{} {}: {field}: {} {}",
                    operation.method, operation.path, answer.status, answer.body
                ));
            }
        }
    }
    assert!(sent > 50, "{sent} were sent");
    assert!(taken.is_empty(), "{taken:#?}");
    assert_eq!(cluster.number(ROWS).await, before);
}

#[tokio::test]
async fn no_gateway_takes_a_field_that_is_not_for_clients() {
    let cluster = Cluster::start().await;
    let (ada, desk) = (cluster.newcomer().await, cluster.desktop_as(STAFF).await);
    sweep(&cluster, &cluster.web, &ada.web).await;
    sweep(&cluster, &cluster.mobile, &ada.mobile).await;
    sweep(&cluster, &cluster.desktop, &desk).await;

    // The mutant: a field that is for clients is taken, and the check and the count both notice.
    let before = cluster.number(ROWS).await;
    let order = json!({"items": [{"bookId": 1, "quantity": 1}]});
    let request = ada
        .web
        .request(Method::POST, "/api/orders")
        .header("idempotency-key", fresh_key());
    let answer = ada.web.send(request.json(&order)).await;
    assert!(!refuses(&answer, "items") && cluster.number(ROWS).await != before);
}

#[tokio::test]
async fn nobody_becomes_more_by_a_field_that_conduit_lets_pass() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (cluster.newcomer().await, cluster.newcomer().await);
    let powerful = cluster.number(POWERFUL).await;
    for (number, field) in HOSTILE.into_iter().enumerate() {
        let mut user = json!({"bio": "Reads.", field: "admin"});
        let request = ada.web.request(Method::PUT, "/api/user");
        let changed = ada.web.send(request.json(&json!({"user": user}))).await;
        user["username"] = json!(format!("hostile{number}"));
        user["email"] = json!(format!("hostile{number}@example.test"));
        user["password"] = json!("a password of nobody else");
        let registered = cluster
            .web
            .guest()
            .post("/api/users", json!({"user": user}))
            .await;
        let article = json!({"title": "Mine", "description": "d", "body": "b", field: eve.username});
        let written = ada.web.post("/api/articles", json!({"article": article})).await;
        for answer in [&changed, &registered, &written] {
            assert!(answer.status < 300, "{field}: {} {}", answer.status, answer.body);
        }
        assert_eq!(changed.body["user"]["username"], *ada.username, "{field}");
        let article = &written.body["article"];
        assert_eq!(article["author"]["username"], *ada.username, "{field}");
        assert_eq!(
            (&article["favoritesCount"], &article["favorited"]),
            (&json!(0), &json!(false)),
            "{field}"
        );
    }
    assert_eq!(cluster.number(POWERFUL).await, powerful);
    let of_eve = eve
        .web
        .get(&format!("/api/articles?author={}", eve.username))
        .await
        .ok();
    assert_eq!(of_eve["articlesCount"], 0);
}

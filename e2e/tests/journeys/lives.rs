//! The life of somebody new on each face, from the first visit to the last click.

use e2e::{Cluster, READER, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

#[tokio::test]
async fn a_newcomer_writes_and_is_read_in_the_browser() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.newcomer().await, cluster.newcomer().await);

    let article =
        json!({"title": "On Engines", "description": "d", "body": "b", "tagList": ["new", "engines"]});
    let post = ada
        .web
        .post("/api/articles", json!({"article": article}))
        .await
        .ok();
    let path = format!("/api/articles/{}", post["article"]["slug"].as_str().unwrap());
    assert_eq!(post["article"]["tagList"], json!(["new", "engines"]));

    let profile = bob
        .web
        .post(&format!("/api/profiles/{}/follow", ada.username), json!({}))
        .await
        .ok();
    assert_eq!(profile["profile"]["following"], true);
    let feed = bob.web.get("/api/articles/feed").await.ok();
    assert_eq!(feed["articles"][0]["title"], "On Engines");
    let liked = bob.web.post(&format!("{path}/favorite"), json!({})).await.ok();
    assert_eq!(
        (
            &liked["article"]["favorited"],
            &liked["article"]["favoritesCount"]
        ),
        (&json!(true), &json!(1))
    );
    let comment = json!({"comment": {"body": "Well said."}});
    let comment = bob.web.post(&format!("{path}/comments"), comment).await.ok();

    let better = json!({"article": {"body": "better"}});
    assert_eq!(put(&bob.web, &path, &better).await.status, 403);
    assert_eq!(
        put(&ada.web, &path, &better).await.ok()["article"]["body"],
        "better"
    );

    let comment_path = format!("{path}/comments/{}", comment["comment"]["id"]);
    assert_eq!(ada.web.delete(&comment_path).await.status, 403);
    bob.web.delete(&comment_path).await.ok();
    ada.web.delete(&path).await.ok();
    assert_eq!(bob.web.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_was_written_in_the_browser_is_read_on_the_phone() {
    let cluster = Cluster::start().await;
    let ada = cluster.newcomer().await;
    let article = json!({"title": "Seen Everywhere", "description": "d", "body": "the whole text"});
    let post = ada
        .web
        .post("/api/articles", json!({"article": article}))
        .await
        .ok();
    let slug = post["article"]["slug"].as_str().unwrap();

    ada.mobile.get("/v1/home").await.ok();
    let posts = ada.mobile.get("/v1/posts").await.ok();
    assert_eq!(posts["items"][0]["slug"], *slug);
    let read = ada.mobile.get(&format!("/v1/posts/{slug}")).await.ok();
    assert!(read.to_string().contains("the whole text"), "{read}");
}

#[tokio::test]
async fn the_phone_pages_through_the_catalogue_without_gaps() {
    let cluster = Cluster::start().await;
    let mobile = cluster.mobile_as(READER).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = mobile.get(&format!("/v1/books?first=7{cursor}")).await.ok();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|book| book["id"].as_i64().unwrap()),
        );
        match page["pageInfo"]["endCursor"].as_str() {
            Some(next) => cursor = format!("&after={next}"),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert!(all > 14, "more than two pages");
    assert_eq!(seen.len(), all, "no book twice");
}

#[tokio::test]
async fn the_staff_keep_the_catalogue_and_readers_do_not() {
    let cluster = Cluster::start().await;
    let login = json!({"email": READER.email, "password": READER.password, "device": "d"});
    let refused = cluster.desktop.guest().post("/v1/auth/login", login).await;
    assert_eq!(refused.problem(), (403, "FORBIDDEN"));

    let staff = cluster.desktop_as(STAFF).await;
    staff.get("/v1/workspace").await.ok();
    let book = json!({"title": "A New Book", "authors": ["Somebody"], "priceCents": 1234, "currency": "EUR", "stock": 3});
    let book = staff.post("/v1/books", book).await.ok();
    let path = format!("/v1/books/{}", book["id"]);

    let changed = staff.patch(&path, json!({"stock": 2})).await.ok();
    assert_eq!(
        (&changed["stock"], &changed["title"]),
        (&json!(2), &json!("A New Book"))
    );
    let reader = cluster.mobile_as(READER).await;
    assert_eq!(reader.get(&path).await.ok()["book"]["title"], "A New Book");

    staff.delete(&path).await.ok();
    assert_eq!(reader.get(&path).await.problem(), (404, "NOT_FOUND"));
}

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    client.send(client.request(Method::PUT, path).json(body)).await
}

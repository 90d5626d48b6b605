//! The life of somebody new on each face, from the first visit to the last click.

use e2e::{Cluster, READER, STAFF, eventually};
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
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = mobile.get(&format!("/v1/books?first=7{after}")).await.ok();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|book| book["id"].as_i64().unwrap()),
        );
        match page["pageInfo"]["endCursor"].as_str() {
            Some(cursor) => after = format!("&after={cursor}"),
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
async fn the_phone_writes_once_however_often_it_sends() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.newcomer().await, cluster.newcomer().await);
    let article = json!({"title": "Sent Twice", "description": "d", "body": "b"});
    let post = ada.web.post("/api/articles", json!({ "article": article })).await;
    let slug = post.ok()["article"]["slug"].as_str().unwrap().to_owned();

    let writes = [
        (
            Method::POST,
            format!("/v1/posts/{slug}/comments"),
            json!({"body": "Well said."}),
        ),
        (Method::PUT, format!("/v1/posts/{slug}/like"), json!({})),
        (
            Method::PUT,
            format!("/v1/profiles/{}/follow", ada.username),
            json!({}),
        ),
        (
            Method::PATCH,
            "/v1/me".to_owned(),
            json!({"name": "Bob", "bio": "Reads."}),
        ),
        (Method::DELETE, format!("/v1/posts/{slug}/like"), json!({})),
        (
            Method::DELETE,
            format!("/v1/profiles/{}/follow", ada.username),
            json!({}),
        ),
    ];
    for (number, (method, path, body)) in writes.into_iter().enumerate() {
        let key = format!("a-key-of-write-number-{number}");
        let send = async || {
            let request = bob.mobile.request(method.clone(), &path).json(&body);
            bob.mobile.send(request.header("idempotency-key", &key)).await
        };
        let (first, again) = (send().await, send().await);
        assert!(first.status < 300, "{method} {path}: {}", first.body);
        assert_eq!((first.status, &first.body), (again.status, &again.body), "{path}");
        assert_eq!(again.header("idempotency-replayed"), "true", "{method} {path}");
    }

    let read = bob.mobile.get(&format!("/v1/posts/{slug}")).await.ok();
    assert_eq!(
        (&read["post"]["comments"], &read["post"]["likes"]),
        (&json!(1), &json!(0))
    );
    let me = bob.mobile.get("/v1/me").await.ok();
    assert_eq!((&me["name"], &me["bio"]), (&json!("Bob"), &json!("Reads.")));
    let path = format!("/v1/posts/{slug}/comments");
    let comments = bob.mobile.get(&path).await.ok();
    bob.mobile
        .delete(&format!("{path}/{}", comments["items"][0]["id"]))
        .await
        .ok();
    assert_eq!(bob.mobile.get(&path).await.ok()["items"], json!([]));
}

#[tokio::test]
async fn somebody_registers_on_the_phone_and_signs_in() {
    let cluster = Cluster::start().await;
    let mobile = cluster.mobile.guest();
    let new =
        json!({"username": "Eve", "email": "eve@example.test", "password": "correct horse", "name": "Eve"});
    let send = async || {
        let request = mobile.request(Method::POST, "/v1/users").json(&new);
        let key = "a-key-of-the-registration";
        mobile.send(request.header("idempotency-key", key)).await
    };
    let (first, again) = (send().await, send().await);
    assert_eq!((first.status, &first.body), (201, &again.body));

    let login = json!({"email": "eve@example.test", "password": "correct horse", "device": "a phone"});
    let session = mobile.post("/v1/auth/login", login).await.ok();
    let eve = mobile.bearing(session["accessToken"].as_str().unwrap());
    assert_eq!(eve.get("/v1/me").await.ok(), first.body);
    let taken = mobile.post("/v1/users", new.clone()).await;
    assert_eq!(taken.problem(), (409, "TAKEN"));
}

#[tokio::test]
async fn what_the_staff_take_away_is_gone_on_every_face() {
    let cluster = Cluster::start().await;
    let (ada, staff) = (cluster.newcomer().await, cluster.desktop_as(STAFF).await);
    let article = json!({"title": "Buy Now", "description": "d", "body": "the cheapest of all"});
    let post = ada.web.post("/api/articles", json!({ "article": article })).await;
    let slug = post.ok()["article"]["slug"].as_str().unwrap().to_owned();
    let comments = format!("/v1/posts/{slug}/comments");
    let comment = ada.mobile.post(&comments, json!({"body": "Buy now!"})).await.ok();

    let desk = staff.get("/v1/moderation").await.ok();
    assert_eq!(desk["posts"]["items"][0]["slug"], *slug);
    assert_eq!(desk["comments"]["items"][0]["id"], comment["id"]);
    let whole = staff.get(&format!("/v1/posts/{slug}")).await.ok();
    assert_eq!(whole["body"], "the cheapest of all");

    let path = format!("{comments}/{}/moderation", comment["id"]);
    let reason = json!({"reason": "An advertisement"});
    staff.post(&path, reason.clone()).await.ok();
    assert_eq!(ada.mobile.get(&comments).await.ok()["items"], json!([]));
    staff
        .post(&format!("/v1/posts/{slug}/moderation"), reason)
        .await
        .ok();
    assert_eq!(ada.mobile.get(&format!("/v1/posts/{slug}")).await.status, 404);
    assert_eq!(ada.web.get(&format!("/api/views/posts/{slug}")).await.status, 404);

    let kept = staff.get("/v1/moderations").await.ok();
    let kept = &kept["items"];
    assert_eq!(
        (&kept[0]["comment"], &kept[1]["comment"]["body"]),
        (&Value::Null, &json!("Buy now!"))
    );
    assert_eq!(kept[0]["reason"], "An advertisement");
    assert_eq!(kept[0]["author"]["username"], *ada.username);
    let profile = ada
        .web
        .get(&format!("/api/views/profiles/{}", ada.username))
        .await
        .ok();
    assert_eq!(profile["posts"]["total"], 0);
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
    // Another gateway hears of it a moment later.
    eventually("the book is gone from the phone", async || {
        reader.get(&path).await.status == 404
    })
    .await;
}

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    client.send(client.request(Method::PUT, path).json(body)).await
}

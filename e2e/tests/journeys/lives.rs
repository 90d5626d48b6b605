//! The life of somebody new on each face, from the first visit to the last click.

use e2e::{Cluster, READER, STAFF};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_newcomer_writes_reads_and_is_read_in_the_browser() {
    let cluster = Cluster::start().await;
    let (ada, bob) = (cluster.newcomer().await, cluster.newcomer().await);

    let post = json!({"article": {"title": "On Engines", "description": "d", "body": "b", "tagList": ["new", "engines"]}});
    let post = ada.web.post("/api/articles", &post).await.expect(201).json();
    let slug = post["article"]["slug"].as_str().unwrap().to_owned();
    assert_eq!(post["article"]["tagList"], json!(["new", "engines"]));

    let profile = bob
        .web
        .post(&format!("/api/profiles/{}/follow", ada.username), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(profile["profile"]["following"], true);
    let feed = bob.web.get("/api/articles/feed").await.expect(200).json();
    assert_eq!(feed["articles"][0]["slug"], slug);

    let liked = bob
        .web
        .post(&format!("/api/articles/{slug}/favorite"), &json!({}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &liked["article"]["favorited"],
            &liked["article"]["favoritesCount"]
        ),
        (&json!(true), &json!(1))
    );
    let comment = json!({"comment": {"body": "Well said."}});
    let comment = bob
        .web
        .post(&format!("/api/articles/{slug}/comments"), &comment)
        .await
        .expect(201)
        .json();

    let changed = json!({"article": {"body": "better"}});
    let changed = ada
        .web
        .write(Method::PUT, &format!("/api/articles/{slug}"), &changed)
        .await
        .expect(200)
        .json();
    assert_eq!(changed["article"]["body"], "better");
    bob.web
        .write(
            Method::PUT,
            &format!("/api/articles/{slug}"),
            &json!({"article": {"body": "mine"}}),
        )
        .await
        .expect(403);

    let comment_path = format!("/api/articles/{slug}/comments/{}", comment["comment"]["id"]);
    ada.web.delete(&comment_path).await.expect(403);
    bob.web.delete(&comment_path).await.expect(204);
    ada.web.delete(&format!("/api/articles/{slug}")).await.expect(204);
    bob.web.get(&format!("/api/articles/{slug}")).await.expect(404);
}

#[tokio::test]
async fn what_was_written_in_the_browser_is_read_on_the_phone() {
    let cluster = Cluster::start().await;
    let ada = cluster.newcomer().await;
    let post = json!({"article": {"title": "Seen Everywhere", "description": "d", "body": "the whole text"}});
    let post = ada.web.post("/api/articles", &post).await.expect(201).json();
    let slug = post["article"]["slug"].as_str().unwrap();

    ada.mobile.get("/v1/home").await.expect(200);
    let posts = ada.mobile.get("/v1/posts").await.expect(200).json();
    assert_eq!(posts["items"][0]["slug"], *slug);
    let read = ada.mobile.get(&format!("/v1/posts/{slug}")).await.expect(200);
    assert!(read.text().contains("the whole text"), "{}", read.text());
}

#[tokio::test]
async fn the_phone_pages_through_the_catalogue_without_gaps() {
    let cluster = Cluster::start().await;
    let mobile = cluster.mobile_as(READER).await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = mobile
            .get(&format!("/v1/books?limit=7{after}"))
            .await
            .expect(200)
            .json();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|book| book["id"].as_i64().unwrap()),
        );
        match page["nextCursor"].as_str() {
            Some(cursor) => after = format!("&cursor={cursor}"),
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
    cluster
        .desktop
        .face()
        .post("/v1/auth/login", &login)
        .await
        .expect_problem(403, "FORBIDDEN");

    let staff = cluster.desktop_as(STAFF).await;
    staff.get("/v1/workspace").await.expect(200);
    let book = json!({"title": "A New Book", "authors": ["Somebody"], "priceCents": 1234, "currency": "EUR", "stock": 3});
    let book = staff.post("/v1/books", &book).await.expect(201).json();
    let path = format!("/v1/books/{}", book["id"]);

    let changed = staff
        .write(Method::PATCH, &path, &json!({"stock": 2}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["stock"], &changed["title"]),
        (&json!(2), &json!("A New Book"))
    );
    let reader = cluster.mobile_as(READER).await;
    assert!(reader.get(&path).await.expect(200).text().contains("A New Book"));

    staff.delete(&path).await.expect(204);
    reader.get(&path).await.expect_problem(404, "NOT_FOUND");
}

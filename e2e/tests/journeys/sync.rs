//! Keeping a copy: the phone's of what concerns its owner, the desk's of the whole shop.

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Cluster, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::Client;

const SYNC: &str = "/v1/sync";

/// All that has changed since, page by page, and the cursor behind it.
async fn since(client: &Client, cursor: &str, first: u32) -> (Vec<Value>, String) {
    let (mut pages, mut cursor) = (Vec::new(), cursor.to_owned());
    loop {
        let page = client
            .get(&format!("{SYNC}?since={cursor}&first={first}"))
            .await
            .ok();
        page["cursor"].as_str().unwrap().clone_into(&mut cursor);
        let more = page["more"] == true;
        pages.push(page);
        if !more {
            return (pages, cursor);
        }
    }
}

/// What of one sort is in these pages.
fn all<'a>(pages: &'a [Value], sort: &str) -> Vec<&'a Value> {
    pages
        .iter()
        .filter_map(|page| page[sort].as_array())
        .flatten()
        .collect()
}

#[tokio::test]
async fn a_phone_catches_up_with_what_concerns_its_owner() {
    let cluster = Cluster::start().await;
    let (ada, eve, tom) = (
        cluster.newcomer().await,
        cluster.newcomer().await,
        cluster.newcomer().await,
    );
    let begin = ada.mobile.get(SYNC).await.ok();
    let cursor = begin["cursor"].as_str().unwrap();
    assert_eq!(begin, json!({"cursor": cursor, "more": false}));

    let follow = ada
        .mobile
        .request(Method::PUT, &format!("/v1/profiles/{}/follow", eve.username));
    ada.mobile.send(follow).await.ok();
    let mut slugs = Vec::new();
    for who in [&eve, &tom, &ada] {
        let article = json!({"title": format!("By {}", who.username), "description": "d", "body": "b"});
        let written = who
            .web
            .post("/api/articles", json!({ "article": article }))
            .await
            .ok();
        slugs.push(written["article"]["slug"].as_str().unwrap().to_owned());
    }
    let like = ada
        .mobile
        .request(Method::PUT, &format!("/v1/posts/{}/like", slugs[1]));
    ada.mobile.send(like).await.ok();
    ada.mobile
        .patch("/v1/me", json!({"bio": "Away at sea."}))
        .await
        .ok();
    for who in [&ada, &eve] {
        let books = who.mobile.get("/v1/books").await.ok();
        let items = json!([{"bookId": books["items"][0]["id"], "quantity": 1}]);
        let request = who
            .mobile
            .request(Method::POST, "/v1/orders")
            .json(&json!({ "items": items }));
        let request = request.header("idempotency-key", format!("the-order-of-{}", who.username));
        who.mobile.send(request).await.ok();
    }

    let (pages, cursor) = since(&ada.mobile, cursor, 3).await;
    assert!(pages.len() > 1, "small pages are asked for");
    let orders: BTreeSet<_> = all(&pages, "orders")
        .iter()
        .map(|order| order["id"].to_string())
        .collect();
    let own = ada.mobile.get("/v1/orders").await.ok();
    assert_eq!(orders, BTreeSet::from([own["items"][0]["id"].to_string()]));
    let posts: BTreeSet<_> = all(&pages, "posts")
        .iter()
        .map(|post| post["slug"].to_string())
        .collect();
    assert_eq!(
        posts,
        [&slugs[0], &slugs[2]].map(|slug| json!(slug).to_string()).into()
    );
    assert_eq!(
        all(&pages, "follows"),
        [&json!({"username": eve.username, "following": true})]
    );
    assert_eq!(all(&pages, "likes")[0]["liked"], true);
    assert!(!all(&pages, "books").is_empty(), "a copy was sold");
    let accounts: Vec<_> = pages.iter().filter(|page| page["account"].is_object()).collect();
    assert_eq!(accounts[0]["account"]["bio"], "Away at sea.");

    assert_eq!(
        since(&ada.mobile, &cursor, 50).await.0,
        [json!({"cursor": cursor, "more": false})]
    );
    eve.web.delete(&format!("/api/articles/{}", slugs[0])).await.ok();
    let (pages, cursor) = since(&ada.mobile, &cursor, 50).await;
    let eves_post = all(&pages, "gone");
    assert_eq!((eves_post.len(), &eves_post[0]["kind"]), (1, &json!("post")));

    cluster.sabotage("UPDATE feed_head SET epoch = epoch + 1").await;
    let lost = ada.mobile.get(&format!("{SYNC}?since={cursor}")).await;
    assert_eq!(lost.problem(), (410, "SYNC_TOO_OLD"));
    let anew = ada.mobile.get(SYNC).await.ok();
    assert_ne!(anew["cursor"], cursor.as_str());
}

/// The desk's copy.
#[derive(Default)]
struct Copy {
    things: BTreeMap<(String, String), Value>,
    resume: Vec<String>,
    cursor: Option<String>,
}

impl Copy {
    fn take(&mut self, text: &str) {
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("each line is JSON");
            let (sort, value) = line.as_object().unwrap().iter().next().unwrap();
            match sort.as_str() {
                "resume" => self.resume.push(value.as_str().unwrap().to_owned()),
                "cursor" => self.cursor = Some(value.as_str().unwrap().to_owned()),
                _ => {
                    let key = (sort.clone(), value["id"].to_string());
                    let twice = self.things.insert(key, value.clone());
                    assert!(twice.is_none(), "{line} came twice");
                }
            }
        }
    }

    fn numbers(&self, sort: &str) -> usize {
        self.things.keys().filter(|(of, _)| of == sort).count()
    }
}

async fn lines(client: &Client, path: &str) -> String {
    let response = client.request(Method::GET, path).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    response.text().await.unwrap()
}

#[tokio::test]
async fn a_desk_takes_a_copy_of_the_shop_and_keeps_it_up() {
    let cluster = Cluster::start().await;
    let desk = cluster.desktop_as(STAFF).await;
    let ada = cluster.newcomer().await;

    let whole = lines(&desk, SYNC).await;
    let mut copy = Copy::default();
    copy.take(&whole);
    let cursor = copy.cursor.clone().expect("the last line is the cursor");
    assert!(whole.trim_end().lines().last().unwrap().contains(&cursor));
    for (sort, path) in [
        ("book", "/v1/books"),
        ("order", "/v1/orders"),
        ("post", "/v1/posts"),
    ] {
        let mut count = 0;
        let mut after = String::new();
        loop {
            let page = desk.get(&format!("{path}?first=100{after}")).await.ok();
            count += page["items"].as_array().unwrap().len();
            match page["pageInfo"]["endCursor"].as_str() {
                Some(cursor) => after = format!("&after={cursor}"),
                None => break,
            }
        }
        assert_eq!(copy.numbers(sort), count, "{sort}");
    }

    // Cut off behind the first page, and gone on with.
    let resume = copy.resume[0].clone();
    let cut = whole
        .split_inclusive('\n')
        .take_while(|line| !line.contains(&resume));
    let mut again = Copy::default();
    again.take(&cut.collect::<String>());
    again.take(&lines(&desk, &format!("{SYNC}?resume={resume}")).await);
    assert_eq!(
        (again.things.keys().collect::<Vec<_>>(), &again.cursor),
        (copy.things.keys().collect(), &copy.cursor)
    );

    let article = json!({"title": "News", "description": "d", "body": "b"});
    ada.web
        .post("/api/articles", json!({ "article": article }))
        .await
        .ok();
    let (sort, book) = copy.things.first_key_value().map(|(key, _)| key.clone()).unwrap();
    assert_eq!(sort, "book");
    desk.delete(&format!("/v1/books/{book}")).await;
    let (pages, cursor) = since(&desk, &cursor, 100).await;
    assert_eq!(all(&pages, "posts")[0]["title"], "News");
    let gone = json!({"kind": "book", "id": book.parse::<i64>().unwrap()});
    assert_eq!(all(&pages, "gone"), [&gone]);

    cluster.sabotage("UPDATE feed_head SET epoch = epoch + 1").await;
    let lost = desk.get(&format!("{SYNC}?since={cursor}")).await;
    assert_eq!(lost.problem(), (410, "SYNC_TOO_OLD"));
    let guest = cluster.desktop.guest().get(SYNC).await;
    assert_eq!(guest.problem(), (401, "TOKEN_MISSING"));
}

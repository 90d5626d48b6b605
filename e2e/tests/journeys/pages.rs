//! Lists while somebody writes: whatever is put in and taken out between two pages, what was there all along comes
//! exactly once.

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Cluster, STAFF};
use serde_json::{Value, json};
use test_kit::client::Client;

/// How many rows stay, and how many go while the pages are read.
const ROWS: usize = 6;

/// A list that is read two rows at a time.
struct List<'a> {
    client: &'a Client,
    /// Its path, which a `?` or a `&` ends.
    path: &'a str,
    /// Where the rows are in an answer, and what names a row.
    rows: &'a str,
    name: &'a str,
    by: Pages,
}

/// How one asks for the next page.
#[derive(Clone, Copy)]
enum Pages {
    Cursor,
    /// Conduit's way, which is the mutant of these tests.
    Offset,
}

/// Rows of a list: those that stay, and those that go while the pages are read.
struct Rows {
    stay: BTreeSet<String>,
    go: BTreeSet<String>,
}

impl List<'_> {
    /// Reads the list to its end, and after each page puts a row in, takes out those of the page that are to go
    /// (the one that the cursor points to among them), and one that has not come yet. Gives what went wrong.
    async fn faults(
        &self,
        rows: Rows,
        insert: impl AsyncFn() -> String,
        remove: impl AsyncFn(&str),
    ) -> Vec<String> {
        let (mut seen, mut go) = (BTreeMap::<String, usize>::new(), rows.go);
        let mut next = Some(String::new());
        let mut read = 0;
        while let Some(asks) = next {
            let size = match self.by {
                Pages::Cursor => "first=2",
                Pages::Offset => "limit=2",
            };
            let page = self.client.get(&format!("{}{size}{asks}", self.path)).await.ok();
            let items = page[self.rows].as_array().unwrap();
            read += items.len();
            next = match (self.by, &page["pageInfo"]["endCursor"]) {
                (Pages::Cursor, Value::String(cursor)) => Some(format!("&after={cursor}")),
                (Pages::Offset, _) if !items.is_empty() => Some(format!("&offset={read}")),
                _ => None,
            };
            let names: Vec<String> = items.iter().map(|item| text(&item[self.name])).collect();
            let unseen = go.iter().find(|name| !names.contains(name)).cloned();
            for name in names.iter().cloned().chain(unseen) {
                if go.remove(&name) {
                    remove(&name).await;
                }
            }
            for name in names {
                *seen.entry(name).or_default() += 1;
            }
            if !go.is_empty() {
                insert().await;
            }
        }
        let skipped = rows.stay.iter().filter(|name| !seen.contains_key(*name));
        let skipped = skipped.map(|name| format!("{}: {name} was skipped", self.path));
        let repeated = seen.iter().filter(|(_, times)| **times > 1);
        let repeated = repeated.map(|(name, times)| format!("{}: {name} came {times} times", self.path));
        skipped.chain(repeated).collect()
    }
}

/// Puts rows in by turns: one that is to go, and one that stays. So in a list that has the newest first every
/// second row goes, and with it the one that each cursor points to.
async fn fill(insert: impl AsyncFn() -> String) -> Rows {
    let (mut stay, mut go) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..ROWS {
        go.insert(insert().await);
        stay.insert(insert().await);
    }
    Rows { stay, go }
}

/// A name or a number, as a text.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[tokio::test]
async fn posts_that_stay_come_once_on_every_face() {
    let cluster = Cluster::start().await;
    let (ada, staff) = (cluster.newcomer().await, cluster.desktop_as(STAFF).await);
    let write = async || {
        let article = json!({"title": "Written while you read", "description": "d", "body": "b"});
        let post = ada.web.post("/api/articles", json!({ "article": article })).await;
        text(&post.ok()["article"]["slug"])
    };
    let remove = async |slug: &str| {
        ada.web.delete(&format!("/api/articles/{slug}")).await.ok();
    };
    let of_ada = format!("/api/views/profiles/{}/posts?", ada.username);
    for (client, path) in [
        (&ada.web, of_ada.as_str()),
        (&ada.mobile, "/v1/posts?"),
        (&staff, "/v1/posts?"),
    ] {
        let list = List {
            client,
            path,
            rows: "items",
            name: "slug",
            by: Pages::Cursor,
        };
        let faults = list.faults(fill(write).await, write, remove).await;
        assert!(faults.is_empty(), "{faults:#?}");
    }

    // The mutant: pages that are counted from the start.
    let counted = List {
        client: &ada.web,
        path: "/api/articles?",
        rows: "articles",
        name: "slug",
        by: Pages::Offset,
    };
    let faults = counted.faults(fill(write).await, write, remove).await;
    assert!(!faults.is_empty(), "the test sees what is skipped and repeated");
}

#[tokio::test]
async fn books_that_stay_come_once_on_every_face() {
    let cluster = Cluster::start().await;
    let staff = cluster.desktop_as(STAFF).await;
    let add = async || {
        let book = json!({
            "title": "A Book of Pages", "authors": ["Somebody"], "priceCents": 1, "currency": "EUR", "stock": 3,
        });
        text(&staff.post("/v1/books", book).await.ok()["id"])
    };
    let remove = async |id: &str| {
        staff.delete(&format!("/v1/books/{id}")).await.ok();
    };
    let (web, mobile) = (cluster.web.guest(), cluster.mobile.guest());
    for (client, path) in [
        (web, "/api/views/books?q=book%20of%20pages&"),
        (web, "/api/views/books?"),
        (web, "/api/views/books?order=newest&"),
        (mobile, "/v1/books?q=book%20of%20pages&"),
        (mobile, "/v1/books?"),
        (&staff, "/v1/books?order=stock&"),
    ] {
        let list = List {
            client,
            path,
            rows: "items",
            name: "id",
            by: Pages::Cursor,
        };
        let faults = list.faults(fill(add).await, add, remove).await;
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[tokio::test]
async fn comments_that_stay_come_once_on_every_face() {
    let cluster = Cluster::start().await;
    let (ada, staff) = (cluster.newcomer().await, cluster.desktop_as(STAFF).await);
    let article = json!({"title": "Discussed while you read", "description": "d", "body": "b"});
    let post = ada.web.post("/api/articles", json!({ "article": article })).await;
    let slug = text(&post.ok()["article"]["slug"]);
    let comment = async || {
        let comment = ada
            .mobile
            .post(
                &format!("/v1/posts/{slug}/comments"),
                json!({"body": "Well said."}),
            )
            .await;
        text(&comment.ok()["id"])
    };
    let remove = async |id: &str| {
        let path = format!("/v1/posts/{slug}/comments/{id}");
        ada.mobile.delete(&path).await.ok();
    };
    let on_web = format!("/api/views/posts/{slug}/comments?");
    let on_mobile = format!("/v1/posts/{slug}/comments?");
    for (client, path) in [
        (&ada.web, on_web.as_str()),
        (&ada.mobile, &on_mobile),
        (&staff, "/v1/comments?"),
    ] {
        let list = List {
            client,
            path,
            rows: "items",
            name: "id",
            by: Pages::Cursor,
        };
        let faults = list.faults(fill(comment).await, comment, remove).await;
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

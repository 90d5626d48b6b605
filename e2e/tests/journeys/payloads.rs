//! What each screen weighs on the wire, against the budgets in `docs/screens.md`: the phone gets a quarter of the
//! browser's bytes at most.

use std::collections::BTreeSet;

use e2e::{Cluster, READER};
use reqwest::Method;
use serde_json::json;
use test_kit::client::Client;

const DOCUMENT: &str = include_str!("../../../docs/screens.md");
/// What stands above the table of budgets.
const HEADING: &str = "| screen | web | bytes | mobile | bytes | share |";

/// What fits into one packet of a network together with its header fields: to make it less makes nothing faster.
const PACKET: usize = 1_000;

/// The demo's books have no covers; real ones do.
const COVERS: &str =
    "UPDATE books SET cover_url = 'https://covers.openlibrary.org/b/id/' || (8230000 + id) || '-L.jpg'";

/// A screen on the two faces that weigh, by the paths of their documents.
const SCREENS: [(&str, Option<&str>, Option<&str>); 13] = [
    ("home", Some("/api/views/home"), Some("/v1/home")),
    ("posts", Some("/api/articles"), Some("/v1/posts")),
    ("post", Some("/api/views/posts/{slug}"), Some("/v1/posts/{slug}")),
    ("whole text", None, Some("/v1/posts/{slug}/body")),
    (
        "comments",
        Some("/api/views/posts/{slug}/comments"),
        Some("/v1/posts/{slug}/comments"),
    ),
    ("books", Some("/api/views/books"), Some("/v1/books")),
    ("book", Some("/api/views/books/{id}"), Some("/v1/books/{id}")),
    ("profile", Some("/api/views/profiles/{username}"), None),
    (
        "somebody's posts",
        Some("/api/views/profiles/{username}/posts"),
        None,
    ),
    (
        "what somebody likes",
        Some("/api/views/profiles/{username}/liked"),
        None,
    ),
    ("checkout", Some("/api/views/checkout"), None),
    ("orders", Some("/api/views/orders"), Some("/v1/orders")),
    ("own account", None, Some("/v1/me")),
];

#[tokio::test]
async fn every_screen_keeps_its_budget_and_the_phones_are_a_quarter() {
    let cluster = Cluster::start().await;
    cluster.sabotage(COVERS).await;
    let (web, mobile) = (cluster.web_as(READER).await, cluster.mobile_as(READER).await);
    let mut ids = Vec::new();
    for title in ["pride%20prejudice", "1984"] {
        let found = mobile.get(&format!("/v1/books?q={title}")).await.ok();
        ids.push(found["items"][0]["id"].to_string());
    }
    let (id, basket) = (&ids[0], format!("items={}x1,{}x2", ids[0], ids[1]));

    let mut now = Vec::new();
    for (name, on_web, on_mobile) in SCREENS {
        // A list is weighed full; the demo's posts have few comments each.
        let slug = match name {
            "comments" => busy_post(&web).await,
            _ => "two-people-who-are-wrong-and-then-are-not".to_owned(),
        };
        let path = |template: &str| {
            let path = template.replace("{slug}", &slug).replace("{id}", id);
            path.replace("{username}", "mira")
                .replace("/checkout", &format!("/checkout?{basket}"))
        };
        if name == "orders" {
            order_often(&web, &ids).await;
        }
        let heavy = weigh(&web, on_web.map(path)).await;
        let light = weigh(&mobile, on_mobile.map(path)).await;
        now.push(Row::new(name, (on_web, heavy), (on_mobile, light)));
    }

    let faults = faults(&budgets(DOCUMENT), &now);
    let table: Vec<String> = now.iter().map(Row::line).collect();
    assert!(
        faults.is_empty(),
        "{}\nToday's table:\n{HEADING}\n|---|---|---:|---|---:|---:|\n{}",
        faults.join("\n"),
        table.join("\n")
    );
}

#[tokio::test]
async fn every_screen_of_the_documents_has_a_budget() {
    let cluster = Cluster::start().await;
    for (gateway, known) in [
        (&cluster.web, SCREENS.map(|(_, web, _)| web)),
        (&cluster.mobile, SCREENS.map(|(.., mobile)| mobile)),
    ] {
        let document = gateway.guest().get("/openapi.json").await.ok();
        let paths = document["paths"].as_object().unwrap();
        let screens = paths
            .iter()
            .filter(|(_, item)| item["get"]["tags"] == json!(["screens"]));
        let screens: BTreeSet<&str> = screens.map(|(path, _)| path.as_str()).collect();
        let known: BTreeSet<&str> = known.into_iter().flatten().collect();
        let without: Vec<_> = screens.difference(&known).collect();
        assert!(without.is_empty(), "weigh these too: {without:?}");
    }
}

#[tokio::test]
async fn no_post_and_no_book_of_the_demo_is_too_heavy_for_a_phone() {
    let cluster = Cluster::start().await;
    cluster.sabotage(COVERS).await;
    let (web, mobile) = (cluster.web_as(READER).await, cluster.mobile_as(READER).await);
    let mut heavy = Vec::new();
    for (list, name, on_web, on_mobile) in [
        ("/v1/posts", "slug", "/api/views/posts", "/v1/posts"),
        ("/v1/books", "id", "/api/views/books", "/v1/books"),
    ] {
        let rows = mobile.get(&format!("{list}?first=100")).await.ok();
        for row in rows["items"].as_array().unwrap() {
            let name = row[name].to_string().replace('"', "");
            let full = weigh(&web, Some(format!("{on_web}/{name}"))).await;
            let light = weigh(&mobile, Some(format!("{on_mobile}/{name}"))).await;
            if light * 4 > full && light > PACKET {
                heavy.push(format!("{on_mobile}/{name}: {light} of {full} bytes"));
            }
        }
    }
    assert!(heavy.is_empty(), "{heavy:#?}");
}

/// The bytes of an answer's body, uncompressed.
async fn weigh(client: &Client, path: Option<String>) -> usize {
    let Some(path) = path else { return 0 };
    let answer = client.get(&path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-encoding"), "", "{path}");
    answer.bytes
}

/// A post with more comments than any screen shows at once.
async fn busy_post(web: &Client) -> String {
    let article = json!({"title": "Everybody has a say", "description": "d", "body": "b"});
    let post = web
        .post("/api/articles", json!({ "article": article }))
        .await
        .ok();
    let slug = post["article"]["slug"].as_str().unwrap().to_owned();
    let body = "I read it twice: once in a hurry, once in the garden. The second time it was another book.";
    for _ in 0..60 {
        let comment = json!({"comment": {"body": body}});
        web.post(&format!("/api/articles/{slug}/comments"), comment)
            .await
            .ok();
    }
    slug
}

/// Orders of these two books, more than a screen shows at once.
async fn order_often(web: &Client, ids: &[String]) {
    for number in 0..11 {
        let item = |at: usize| json!({"bookId": ids[at].parse::<i64>().unwrap(), "quantity": 1});
        let order = json!({"items": [item(0), item(1)]});
        let key = format!("a-key-of-order-number-{number}");
        let request = web.request(Method::POST, "/api/orders").json(&order);
        web.send(request.header("idempotency-key", key)).await.ok();
    }
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    /// Its path and bytes on each face; empty and 0 where there is none.
    web: (String, usize),
    mobile: (String, usize),
}

impl Row {
    fn new(name: &str, web: (Option<&str>, usize), mobile: (Option<&str>, usize)) -> Self {
        let owned = |(path, bytes): (Option<&str>, usize)| (path.unwrap_or_default().to_owned(), bytes);
        Self {
            name: name.to_owned(),
            web: owned(web),
            mobile: owned(mobile),
        }
    }

    /// As the document has it: budgets are full hundreds of bytes.
    fn line(&self) -> String {
        let face = |(path, bytes): &(String, usize)| match path.as_str() {
            "" => "|".to_owned(),
            path => format!("`{path}` | {}", bytes.next_multiple_of(100)),
        };
        let share = match (self.web.1, self.mobile.1) {
            (0, _) | (_, 0) => String::new(),
            (web, mobile) => format!("{} %", mobile * 100 / web),
        };
        let (web, mobile) = (face(&self.web), face(&self.mobile));
        format!("| {} | {web} | {mobile} | {share} |", self.name)
    }
}

/// The rows of the document's table.
fn budgets(document: &str) -> Vec<Row> {
    let after = document.split(HEADING).nth(1).unwrap_or_default();
    let lines = after.lines().skip(2).take_while(|line| line.starts_with('|'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let face = |at: usize| {
                let bytes = cells[at + 1].parse().unwrap_or_default();
                (cells[at].trim_matches('`').to_owned(), bytes)
            };
            Row {
                name: cells[0].to_owned(),
                web: face(1),
                mobile: face(3),
            }
        })
        .collect()
}

/// What is wrong with today's weights.
fn faults(budgets: &[Row], now: &[Row]) -> Vec<String> {
    let mut faults = Vec::new();
    let known = |name: &str, rows: &[Row]| rows.iter().any(|row| row.name == name);
    for row in budgets.iter().filter(|row| !known(&row.name, now)) {
        faults.push(format!("{}: nobody weighs it", row.name));
    }
    for row in now {
        let name = &row.name;
        if row.web.1 > 0 && row.mobile.1 * 4 > row.web.1 {
            faults.push(format!(
                "{name}: {} bytes on mobile are more than a quarter of {}",
                row.mobile.1, row.web.1
            ));
        }
        let Some(budget) = budgets.iter().find(|budget| budget.name == *name) else {
            faults.push(format!("{name}: has no budget"));
            continue;
        };
        for ((path, bytes), (of, budget)) in [(&row.web, &budget.web), (&row.mobile, &budget.mobile)] {
            if path != of {
                faults.push(format!("{name}: `{path}` is not `{of}`"));
            } else if bytes > budget {
                faults.push(format!("{name}: `{path}` has {bytes} bytes of {budget}"));
            } else if bytes + bytes / 10 + 100 < *budget {
                faults.push(format!("{name}: `{path}` needs only {bytes} bytes of {budget}"));
            }
        }
    }
    faults
}

#[test]
fn tells_what_is_too_heavy_from_what_is_not() {
    let row = |web: usize, mobile: usize| {
        Row::new("home", (Some("/api/views/home"), web), (Some("/v1/home"), mobile))
    };
    let document = format!(
        "{HEADING}\n|---|---|---:|---|---:|---:|\n{}\n\nText.\n",
        row(9_950, 2_000).line()
    );
    let budgets = budgets(&document);
    assert_eq!(budgets, [row(10_000, 2_000)]);
    assert!(faults(&budgets, &[row(10_000, 2_000)]).is_empty());
    assert!(faults(&budgets, &[row(9_400, 1_900)]).is_empty());
    for (wrong, why) in [
        (row(10_001, 2_000), "`/api/views/home` has 10001 bytes of 10000"),
        (row(10_000, 2_001), "`/v1/home` has 2001 bytes of 2000"),
        (
            row(8_000, 2_000),
            "`/api/views/home` needs only 8000 bytes of 10000",
        ),
        (
            row(9_900, 2_600),
            "2600 bytes on mobile are more than a quarter of 9900",
        ),
    ] {
        let faults = faults(&budgets, &[wrong]);
        assert!(faults[0].contains(why), "{faults:?}");
    }
    assert_eq!(faults(&[], &[row(10_000, 2_000)]), ["home: has no budget"]);
    assert_eq!(faults(&budgets, &[]), ["home: nobody weighs it"]);
}

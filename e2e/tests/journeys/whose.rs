//! S1, whose it is: every operation about a single thing, by everybody, on things that are there, that were taken away
//! and that never were. Its row says who is let in; an operation without a row fails, and so does a row without an
//! operation. Who is kept out cannot tell what is there from what never was, by not a byte; and neither before nor after
//! its owner has looked at it, whatever is cached.

mod rules;

use std::time::{Duration, Instant};

use e2e::{Cluster, Newcomer, Program, READER, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

use self::rules::Rule::Anyone;
use self::rules::What::{NeverThere, TakenAway, There};
use self::rules::{DESKTOP, Gets, MOBILE, Rule, WEB, What, Who, expected};
use crate::attacks::fresh_key;
use crate::openapi::{self, Operation, Place};

/// How soon every gateway has heard of a change, on a machine that does much besides.
const HEARD: Duration = Duration::from_secs(10);

fn found(answer: &Answer) -> Gets {
    match answer.status {
        401 => Gets::NotSignedIn,
        403 => Gets::NotAllowed,
        404 => Gets::NotFound,
        _ => Gets::LetIn,
    }
}

/// A gateway, everybody who asks it, and who makes what they ask about.
struct Matrix<'a> {
    cluster: &'a Cluster,
    owner: Newcomer,
    desk: Client,
    people: Vec<(Who, Client)>,
    rows: &'a [(&'a str, Rule)],
    operations: Vec<Operation>,
}

impl<'a> Matrix<'a> {
    /// One of the two faces of readers: `on` is the client that somebody has there.
    async fn of_readers(
        cluster: &'a Cluster,
        gateway: &Program,
        rows: &'a [(&'a str, Rule)],
        on: fn(&Newcomer) -> &Client,
        staff: Client,
    ) -> Self {
        cluster.sabotage("UPDATE books SET stock = 1000").await;
        let (owner, other) = (cluster.newcomer().await, cluster.newcomer().await);
        Self {
            people: vec![
                (Who::Guest, gateway.guest().clone()),
                (Who::SignedOut, on(&signed_out(cluster).await).clone()),
                (Who::Other, on(&other).clone()),
                (Who::StaffElsewhere, staff),
                (Who::Owner, on(&owner).clone()),
            ],
            cluster,
            owner,
            desk: cluster.desktop_as(STAFF).await,
            rows,
            operations: about_one_thing(gateway).await,
        }
    }

    /// Every cell that is not as its row says.
    async fn deviations(&self) -> Vec<String> {
        let mut deviations = Vec::new();
        for operation in &self.operations {
            let name = format!("{} {}", operation.method, operation.path);
            match self.rows.iter().find(|(row, _)| *row == name) {
                Some((_, rule)) => deviations.extend(self.row(operation, *rule, None).await),
                None => deviations.push(format!("{name} has no row")),
            }
        }
        for (row, _) in self.rows {
            let known = |operation: &Operation| format!("{} {}", operation.method, operation.path) == *row;
            if !self.operations.iter().any(known) {
                deviations.push(format!("{row} is no operation"));
            }
        }
        deviations
    }

    /// The cells of one operation that are not as its rule says; `breach` is done behind everybody's back before.
    async fn row(&self, operation: &Operation, rule: Rule, breach: Option<&'static str>) -> Vec<String> {
        let (there, never) = (self.made(operation).await, never(operation));
        if let Some(sql) = breach {
            self.cluster.sabotage(sql).await;
        }
        let mut deviations = Vec::new();
        let mut people: Vec<_> = self.people.iter().collect();
        if operation.method == Method::GET {
            // What its owner has looked at is in every cache that there is.
            people.extend(self.people.iter().filter(|(who, _)| *who != Who::Owner));
        }
        for (who, client) in people {
            let (real, missing) = (
                ask(client, operation, &there).await,
                ask(client, operation, &never).await,
            );
            for (what, answer) in [(There, &real), (NeverThere, &missing)] {
                deviations.extend(deviation(operation, rule, *who, what, answer));
            }
            let kept_out = found(&real) != Gets::LetIn && found(&real) == found(&missing);
            if kept_out && told(&real) != told(&missing) {
                let (real, missing) = (told(&real), told(&missing));
                deviations.push(format!(
                    "{} as {who:?} tells {real} from {missing}",
                    operation.path
                ));
            }
        }
        if self.take_away(operation, &there).await {
            let taken_away = Instant::now();
            for (who, client) in &self.people {
                let mut answer = ask(client, operation, &there).await;
                // What is the same for everybody may be shown until this gateway has heard that it is gone.
                while rule == Anyone && found(&answer) == Gets::LetIn && taken_away.elapsed() < HEARD {
                    answer = ask(client, operation, &there).await;
                }
                deviations.extend(deviation(operation, rule, *who, TakenAway, &answer));
            }
        }
        deviations
    }

    /// The path of a thing that was made for this operation.
    async fn made(&self, operation: &Operation) -> String {
        let path = &operation.path;
        if path.contains("/sessions/") {
            return path.replace("{id}", &self.another_session(operation).await);
        }
        if path.contains("/books/") {
            let book = json!({"title": "A Book", "authors": ["Somebody"], "priceCents": 1, "currency": "EUR", "stock": 3});
            let book = self.desk.post("/v1/books", book).await.ok();
            return path.replace("{id}", &book["id"].to_string());
        }
        if path.contains("/orders/") {
            let book = json!({"items": [{"bookId": 1, "quantity": 1}]});
            let order = self.owner.web.request(Method::POST, "/api/orders").json(&book);
            let order = self
                .owner
                .web
                .send(order.header("idempotency-key", fresh_key()))
                .await
                .ok();
            return path.replace("{id}", &order["id"].to_string());
        }
        if path.contains("{username}") {
            return path.replace("{username}", &self.owner.username);
        }
        let article = json!({"article": {"title": "A Post", "description": "d", "body": "b"}});
        let article = self.owner.web.post("/api/articles", article).await.ok();
        let slug = article["article"]["slug"].as_str().unwrap();
        let comments = format!("/api/articles/{slug}/comments");
        let comment = json!({"comment": {"body": "Well said."}});
        let comment = self.owner.web.post(&comments, comment).await.ok();
        let id = comment["comment"]["id"].to_string();
        path.replace("{slug}", slug).replace("{id}", &id)
    }

    /// A session of the owner that is not the one they ask with.
    async fn another_session(&self, operation: &Operation) -> String {
        let (path, _) = operation.path.rsplit_once('/').unwrap();
        let (_, owner) = self.people.iter().find(|(who, _)| *who == Who::Owner).unwrap();
        let devices = owner.get(path).await.ok();
        let mut devices = devices["items"].as_array().unwrap().iter();
        devices.find(|device| device["current"] == false).unwrap()["id"].to_string()
    }

    /// Takes away what the path is about. Whether there is a way to do that.
    async fn take_away(&self, operation: &Operation, there: &str) -> bool {
        let of = |name: &str| {
            let parts = operation.path.split('/').zip(there.split('/'));
            parts
                .filter(|(part, _)| *part == name)
                .map(|(_, value)| value)
                .next()
                .unwrap_or_default()
        };
        let path = &operation.path;
        if path.contains("/books/") {
            self.desk.delete(&format!("/v1/books/{}", of("{id}"))).await;
        } else if path.contains("/comments/") {
            let path = format!("/api/articles/{}/comments/{}", of("{slug}"), of("{id}"));
            self.owner.web.delete(&path).await;
        } else if path.contains("{slug}") {
            self.owner
                .web
                .delete(&format!("/api/articles/{}", of("{slug}")))
                .await;
        }
        // A session was ended by its owner. An order is never taken away, and the owner goes on.
        !path.contains("/orders/") && !path.contains("{username}")
    }
}

/// The path of something that never was.
fn never(operation: &Operation) -> String {
    let path = operation.path.replace("{slug}", "no-such-post-at-all");
    path.replace("{username}", "nobody-at-all")
        .replace("{id}", "999999")
}

async fn ask(client: &Client, operation: &Operation, path: &str) -> Answer {
    let mut request = client.request(operation.method.clone(), path);
    if operation.method != Method::GET {
        request = request.header("idempotency-key", fresh_key());
    }
    if let Some(body) = &operation.body {
        // The example of a change names everything, and not all of it is good for every book.
        let sample = match operation.method {
            Method::PATCH => json!({"stock": 3}),
            _ => openapi::sample(&body.schema),
        };
        request = request.json(&sample);
    }
    client.send(request).await
}

fn deviation(operation: &Operation, rule: Rule, who: Who, what: What, answer: &Answer) -> Option<String> {
    let (found, expected) = (found(answer), expected(rule, who, what));
    if who == Who::SignedOut && found == Gets::NotSignedIn {
        // Told to sign in again, also where a guest is answered.
        return None;
    }
    let Operation { method, path, .. } = operation;
    let shown = || {
        format!(
            "{method} {path} as {who:?} of what is {what:?}: {found:?}, not {expected:?}: {}",
            answer.body
        )
    };
    (found != expected).then(shown)
}

/// All of a refusal, but for the names of the request and of the path.
fn told(answer: &Answer) -> String {
    let mut body = answer.body.clone();
    for name in ["requestId", "instance"] {
        body[name] = Value::Null;
    }
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    format!("{} {headers:?} {body}", answer.status)
}

/// The operations about a single thing.
async fn about_one_thing(gateway: &Program) -> Vec<Operation> {
    let document = gateway.guest().get("/openapi.json").await.ok();
    let about_one = |operation: &Operation| operation.parameters.iter().any(|one| one.place == Place::Path);
    openapi::operations(&document)
        .into_iter()
        .filter(about_one)
        .collect()
}

/// Somebody on web and mobile who has been signed out of both.
async fn signed_out(cluster: &Cluster) -> Newcomer {
    let somebody = cluster.newcomer().await;
    assert_eq!(somebody.web.delete("/api/sessions").await.status, 204);
    assert_eq!(somebody.web.delete("/api/session").await.status, 204);
    somebody
}

#[tokio::test]
async fn on_the_web_everything_is_whose_it_is() {
    let cluster = Cluster::start().await;
    let staff = cluster.web_as(STAFF).await;
    let matrix = Matrix::of_readers(&cluster, &cluster.web, WEB, |somebody| &somebody.web, staff).await;
    let deviations = matrix.deviations().await;
    assert!(deviations.is_empty(), "{deviations:#?}");

    // The mutant: an order that was somebody else's until now is shown, and the matrix notices.
    let order = |operation: &&Operation| operation.path == "/api/orders/{id}";
    let breach = "UPDATE orders SET buyer_id = (SELECT id FROM users WHERE username = 'newcomer1')";
    let order = matrix.operations.iter().find(order).unwrap();
    let noticed = matrix.row(order, Rule::Private, Some(breach)).await;
    assert!(
        noticed
            .iter()
            .any(|cell| cell.contains("as Other of what is There: LetIn")),
        "{noticed:#?}"
    );
}

#[tokio::test]
async fn on_the_phone_everything_is_whose_it_is() {
    let cluster = Cluster::start().await;
    let staff = cluster.mobile_as(STAFF).await;
    let matrix = Matrix::of_readers(
        &cluster,
        &cluster.mobile,
        MOBILE,
        |somebody| &somebody.mobile,
        staff,
    )
    .await;
    let deviations = matrix.deviations().await;
    assert!(deviations.is_empty(), "{deviations:#?}");
}

#[tokio::test]
async fn at_the_desk_everything_is_the_staffs() {
    let cluster = Cluster::start().await;
    cluster.sabotage("UPDATE books SET stock = 1000").await;
    let buyer = cluster.newcomer().await;
    let (before, desk) = (cluster.desktop_as(STAFF).await, cluster.desktop_as(STAFF).await);
    assert_eq!(desk.delete("/v1/sessions").await.status, 204);
    let maker = cluster.desktop_as(STAFF).await;
    // Readers cannot sign in there; whoever was of the staff before can have a session all the same.
    cluster
        .sabotage("UPDATE users SET role = 'staff' WHERE username = 'demo'")
        .await;
    let former = cluster.desktop_as(READER).await;
    cluster
        .sabotage("UPDATE users SET role = 'reader' WHERE username = 'demo'")
        .await;
    let matrix = Matrix {
        people: vec![
            (Who::Guest, cluster.desktop.guest().clone()),
            (Who::SignedOut, before),
            (Who::Other, former),
            (Who::Owner, desk),
        ],
        cluster: &cluster,
        owner: buyer,
        desk: maker,
        rows: DESKTOP,
        operations: about_one_thing(&cluster.desktop).await,
    };
    let deviations = matrix.deviations().await;
    assert!(deviations.is_empty(), "{deviations:#?}");
}

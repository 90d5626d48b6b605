//! The core goes away and comes back: what needs it says so in time, and nobody has to restart a gateway.

use std::time::Duration;

use e2e::{Cluster, READER, STAFF, eventually};
use test_kit::client::{Answer, Client};

/// The longest that a read may take (2 s), and a little for the machine.
const READ_DEADLINE: Duration = Duration::from_millis(3_500);

#[tokio::test]
async fn a_killed_core_is_missed_in_time_and_met_again() {
    let mut cluster = Cluster::start().await;
    let faces = Faces::of(&cluster).await;
    faces.all_work().await;
    let ids = [cluster.web.id(), cluster.mobile.id(), cluster.desktop.id()];

    cluster.core.kill().await;
    faces.all_say_that_it_is_away().await;
    for gateway in [&cluster.web, &cluster.mobile, &cluster.desktop] {
        gateway.unready().await;
        gateway.admin().get("/livez").await.ok();
    }

    cluster.core.start().await;
    faces.all_recover().await;
    assert_eq!(ids, [cluster.web.id(), cluster.mobile.id(), cluster.desktop.id()]);
    assert!(cluster.all().all(e2e::Program::is_alive));
}

#[tokio::test]
async fn a_core_that_hangs_is_not_waited_for() {
    let cluster = Cluster::start().await;
    let faces = Faces::of(&cluster).await;
    faces.all_work().await;

    cluster.core.freeze().await;
    faces.all_say_that_it_is_away().await;

    cluster.core.thaw().await;
    faces.all_recover().await;
}

#[tokio::test]
async fn a_part_that_breaks_goes_missing_and_the_rest_stays() {
    let cluster = Cluster::start().await;
    let faces = Faces::of(&cluster).await;
    let screens = [
        (&faces.web, format!("/api/views/books/{}", faces.book), "reviews"),
        (&faces.mobile, format!("/v1/books/{}", faces.book), "reviews"),
        (&faces.desktop, "/v1/workspace".to_owned(), "posts"),
    ];
    for (client, path, section) in &screens {
        let screen = client.get(path).await.ok();
        assert_eq!(screen["meta"]["sections"][section]["state"], "fresh", "{path}");
    }

    // Nothing that reads posts works any more.
    cluster.sabotage("ALTER TABLE posts RENAME TO posts_away").await;
    for (client, path, section) in &screens {
        let screen = in_time(client, path).await.ok();
        assert_eq!(
            screen["meta"]["sections"][section]["state"], "missing",
            "{path}: {screen}"
        );
        assert!(screen[section].is_null(), "{path}: {screen}");
    }
    faces.mobile.get("/v1/books").await.ok();

    cluster.sabotage("ALTER TABLE posts_away RENAME TO posts").await;
    for (client, path, section) in &screens {
        let whole = async || client.get(path).await.body["meta"]["sections"][section]["state"] == "fresh";
        eventually(&format!("{path} is whole again"), whole).await;
    }
}

/// What one does on each face, signed in.
struct Faces {
    web: Client,
    mobile: Client,
    desktop: Client,
    book: String,
}

impl Faces {
    async fn of(cluster: &Cluster) -> Self {
        let (web, mobile) = (cluster.web_as(READER).await, cluster.mobile_as(READER).await);
        let desktop = cluster.desktop_as(STAFF).await;
        let books = mobile.get("/v1/books").await.ok();
        let book = books["items"][0]["id"].to_string();
        Self {
            web,
            mobile,
            desktop,
            book,
        }
    }

    /// The screens that need something of the core.
    fn required(&self) -> [(&Client, String); 6] {
        [
            (&self.web, format!("/api/views/books/{}", self.book)),
            (&self.web, "/api/articles".to_owned()),
            (&self.mobile, format!("/v1/books/{}", self.book)),
            (&self.mobile, "/v1/posts".to_owned()),
            (&self.desktop, "/v1/books".to_owned()),
            (&self.desktop, "/v1/workspace".to_owned()),
        ]
    }

    /// The screens that need no part at all, so that the apps always open.
    fn optional(&self) -> [(&Client, &'static str); 2] {
        [(&self.web, "/api/views/home"), (&self.mobile, "/v1/home")]
    }

    async fn all_work(&self) {
        for (client, path) in self.required() {
            client.get(&path).await.ok();
        }
        for (client, path) in self.optional() {
            let answer = client.get(path).await;
            assert_eq!(missing(&answer), Some(0), "{path}: {}", answer.body);
        }
    }

    async fn all_say_that_it_is_away(&self) {
        for (client, path) in self.required() {
            let answer = in_time(client, &path).await;
            assert!(
                matches!(answer.status, 503 | 504),
                "{path}: {} {}",
                answer.status,
                answer.body
            );
            if path != "/api/articles" {
                assert!(
                    matches!(answer.problem().1, "UNAVAILABLE" | "DEADLINE_EXCEEDED"),
                    "{}",
                    answer.body
                );
            }
            assert!(
                answer.headers.contains_key("retry-after"),
                "{path} says when to come back"
            );
        }
        for (client, path) in self.optional() {
            let answer = in_time(client, path).await;
            assert!(
                missing(&answer) > Some(0),
                "{path} says what is missing: {}",
                answer.body
            );
        }
    }

    async fn all_recover(&self) {
        for (client, path) in self.required() {
            eventually(&format!("{path} works again"), async || {
                client.get(&path).await.status == 200
            })
            .await;
        }
        for (client, path) in self.optional() {
            let whole = async || missing(&client.get(path).await) == Some(0);
            eventually(&format!("{path} is whole again"), whole).await;
        }
    }
}

async fn in_time(client: &Client, path: &str) -> Answer {
    let answer = tokio::time::timeout(READ_DEADLINE, client.get(path)).await;
    answer.unwrap_or_else(|_| panic!("{path}: no answer after {READ_DEADLINE:?}"))
}

/// How many parts of a screen are missing; nothing where it is no screen.
fn missing(answer: &Answer) -> Option<usize> {
    let sections = answer.body["meta"]["sections"].as_object()?;
    Some(
        sections
            .values()
            .filter(|section| section["state"] == "missing")
            .count(),
    )
}

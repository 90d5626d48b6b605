//! The core goes away and comes back: what needs it says so in time, and nobody has to restart a gateway.

use std::time::Duration;

use e2e::{Answer, Cluster, Face, READER, STAFF, eventually};

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
        gateway.admin().get("/livez").await.expect(200);
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

/// What one does on each face, signed in.
struct Faces {
    web: Face,
    mobile: Face,
    desktop: Face,
    book: String,
}

impl Faces {
    async fn of(cluster: &Cluster) -> Self {
        let (web, mobile) = (cluster.web_as(READER).await, cluster.mobile_as(READER).await);
        let desktop = cluster.desktop_as(STAFF).await;
        let books = mobile.get("/v1/books").await.expect(200).json();
        let book = books["items"][0]["id"].to_string();
        Self {
            web,
            mobile,
            desktop,
            book,
        }
    }

    /// The screens that need something of the core.
    fn required(&self) -> [(&Face, String); 5] {
        [
            (&self.web, format!("/api/views/books/{}", self.book)),
            (&self.web, "/api/articles".to_owned()),
            (&self.mobile, format!("/v1/books/{}", self.book)),
            (&self.mobile, "/v1/posts".to_owned()),
            (&self.desktop, "/v1/books".to_owned()),
        ]
    }

    /// The screens that can do without any one part.
    fn optional(&self) -> [(&Face, &'static str); 3] {
        [
            (&self.web, "/api/views/home"),
            (&self.mobile, "/v1/home"),
            (&self.desktop, "/v1/workspace"),
        ]
    }

    async fn all_work(&self) {
        for (face, path) in self.required() {
            face.get(&path).await.expect(200);
        }
        for (face, path) in self.optional() {
            let answer = face.get(path).await.expect(200);
            assert_eq!(sections(&answer, "missing"), 0, "{path}: {}", answer.text());
        }
    }

    async fn all_say_that_it_is_away(&self) {
        for (face, path) in self.required() {
            let answer = face.get(&path).await;
            assert!(answer.took < READ_DEADLINE, "{path} took {:?}", answer.took);
            assert!(
                matches!(answer.status, 503 | 504),
                "{path}: {} {}",
                answer.status,
                answer.text()
            );
            assert_eq!(
                answer.media_type(),
                if path == "/api/articles" {
                    "application/json"
                } else {
                    "application/problem+json"
                }
            );
            assert!(
                answer.headers.contains_key("retry-after"),
                "{path} says when to come back"
            );
        }
        for (face, path) in self.optional() {
            let answer = face.get(path).await;
            assert!(answer.took < READ_DEADLINE, "{path} took {:?}", answer.took);
            assert!(
                sections(&answer.expect(200), "missing") > 0,
                "{path} says what is missing"
            );
        }
    }

    async fn all_recover(&self) {
        for (face, path) in self.required() {
            eventually(&format!("{path} works again"), async || {
                face.get(&path).await.status == 200
            })
            .await;
        }
        for (face, path) in self.optional() {
            let whole = async || {
                let answer = face.get(path).await;
                answer.status == 200 && sections(&answer, "missing") == 0
            };
            eventually(&format!("{path} is whole again"), whole).await;
        }
    }
}

/// How many parts of a screen are in this state.
fn sections(answer: &Answer, state: &str) -> usize {
    let body = answer.json();
    let sections = body["meta"]["sections"]
        .as_object()
        .expect("a screen says how its parts are");
    sections
        .values()
        .filter(|section| section["state"] == state)
        .count()
}

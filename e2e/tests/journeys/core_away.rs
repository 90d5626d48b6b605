//! The core goes away and comes back: what needs it says so in time, and nobody has to restart a gateway.

use std::time::{Duration, Instant};

use e2e::{Changed, Cluster, READER, STAFF, eventually};
use reqwest::Method;
use test_kit::client::{Answer, Client};

/// The longest that a read may take by default (2 s), and a little for the machine.
const READ_DEADLINE: Duration = Duration::from_millis(3_500);
/// How often something is tried that has to happen in a certain time: on a machine that does much besides, not each of
/// them succeeds; without what is tested, none does.
const TRIES: usize = 5;
/// How long a refusal takes for which nobody was asked.
const AT_ONCE: Duration = Duration::from_millis(50);
/// How long the core is silent at most while it is there, and a little for the machine.
const BEAT: Duration = Duration::from_millis(1_500);

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
    faces.all_work().await;
    assert_eq!(ids, [cluster.web.id(), cluster.mobile.id(), cluster.desktop.id()]);
    assert!(cluster.all().all(e2e::Program::is_alive));
}

#[tokio::test]
async fn a_core_that_hangs_is_not_waited_for() {
    let cluster = impatient().await;
    let faces = Faces::of(&cluster).await;
    faces.all_work().await;

    cluster.core.freeze().await;
    faces.all_say_that_it_is_away().await;

    cluster.core.thaw().await;
    faces.all_work().await;
}

#[tokio::test]
async fn writes_are_refused_at_once_while_the_core_gives_no_sign_of_life() {
    let cluster = impatient().await;
    let mobile = cluster.mobile_as(READER).await;
    let mut times = Vec::new();
    loop {
        eventually("writes pass", async || like(&mobile).await.0.status < 300).await;
        let (in_vain, refused, again) = freezes_for_a_while(&cluster, &mobile).await;
        times.push((in_vain, refused, again));
        // The mutant: one write in vain is no proof, so that one waits for its time.
        if in_vain > Duration::from_secs(1) && refused < AT_ONCE && again < BEAT {
            return;
        }
        assert!(
            times.len() < TRIES,
            "in vain, refused, passes again after: {times:?}"
        );
    }
}

/// How long the first write takes when the core gives no sign of life any more, how long others do once there is a proof
/// (median), and how long until they pass when it is back.
async fn freezes_for_a_while(cluster: &Cluster, mobile: &Client) -> (Duration, Duration, Duration) {
    cluster.core.freeze().await;
    let (first, in_vain) = like(mobile).await;
    assert!(matches!(first.status, 503 | 504), "{}", first.status);
    eventually("it is known that there is no sign of life", async || {
        like(mobile).await.1 < AT_ONCE
    })
    .await;
    let refused = refusal(mobile).await;
    // Reads go on to try.
    let began = Instant::now();
    let read = mobile.get("/v1/me").await;
    assert!(matches!(read.status, 503 | 504), "{}", read.status);
    assert!(began.elapsed() > AT_ONCE * 4, "{:?}", began.elapsed());

    cluster.core.thaw().await;
    let thawed = Instant::now();
    eventually("writes pass again", async || like(mobile).await.0.status < 300).await;
    (in_vain, refused, thawed.elapsed())
}

/// A write, and how long it took.
async fn like(mobile: &Client) -> (Answer, Duration) {
    let path = "/v1/posts/two-people-who-are-wrong-and-then-are-not/like";
    let began = Instant::now();
    let answer = mobile.send(mobile.request(Method::PUT, path)).await;
    (answer, began.elapsed())
}

/// How long it takes to refuse a write without a core (median of twenty).
async fn refusal(mobile: &Client) -> Duration {
    let mut times = Vec::new();
    for _ in 0..20 {
        let (refused, took) = like(mobile).await;
        assert_eq!(refused.problem(), (503, "UNAVAILABLE"));
        assert_eq!(refused.header("retry-after"), "1");
        times.push(took);
    }
    times.sort();
    times[10]
}

/// A cluster in which nobody waits for longer than by default.
async fn impatient() -> Cluster {
    Cluster::start_as(Changed {
        impatient: true,
        ..Changed::default()
    })
    .await
}

#[tokio::test]
async fn whatever_was_there_goes_on_without_the_core() {
    let mut cluster = Cluster::start().await;
    let faces = Faces::of(&cluster).await;
    let (web, mobile) = (cluster.web.guest().clone(), cluster.mobile.guest().clone());
    let warm = [
        (&web, "/api/views/home".to_owned()),
        (&web, format!("/api/views/books/{}", faces.book)),
        (&web, "/api/articles".to_owned()),
        (&mobile, "/v1/home".to_owned()),
        (&mobile, "/v1/posts".to_owned()),
        (&mobile, format!("/v1/books/{}", faces.book)),
    ];
    let mut before = Vec::new();
    for (client, path) in &warm {
        before.push(without_meta(client.get(path).await.ok()));
    }

    cluster.core.kill().await;
    for (client, path) in &warm {
        let noticed = async || client.get(path).await.headers.contains_key("age");
        eventually(&format!("{path} is one of the past"), noticed).await;
    }
    // For a minute in a soak (R8), for three rounds else.
    let (away, least) = (Instant::now(), Duration::from_secs(test_kit::size(0, 60) as u64));
    let mut rounds = 0;
    while rounds < 3 || away.elapsed() < least {
        rounds += 1;
        for ((client, path), before) in warm.iter().zip(&before) {
            let answer = in_time(client, path).await;
            assert!(answer.headers.contains_key("age"), "{path} says how old it is");
            assert!(answer.header("cache-status").contains("stale"), "{path}");
            let body = answer.ok();
            let sections = body["meta"]["sections"].as_object().cloned().unwrap_or_default();
            // A guest has no part of their own that could be of the past.
            let states = sections
                .values()
                .map(|section| section["state"].as_str().unwrap());
            let states: Vec<_> = states.collect();
            assert!(!states.contains(&"missing"), "{path}: {body}");
            assert!(states.is_empty() || states.contains(&"stale"), "{path}: {body}");
            assert_eq!(without_meta(body), *before, "{path}");
        }
    }
    let cold = web.get("/api/views/books/999999").await;
    assert_eq!(cold.problem(), (503, "UNAVAILABLE"));
    let quick = async || refusal(&faces.mobile).await < AT_ONCE;
    eventually("writes are refused at once", quick).await;

    cluster.core.start().await;
    for ((client, path), before) in warm.iter().zip(&before) {
        let fresh = async || !client.get(path).await.headers.contains_key("age");
        eventually(&format!("{path} is of now again"), fresh).await;
        assert_eq!(without_meta(client.get(path).await.ok()), *before, "{path}");
    }
    // The log goes on where it was: what was kept is still true, and nobody asked for it again.
    let asked = cluster.core.metric("grpc_calls_total").await;
    for (client, path) in &warm {
        client.get(path).await.ok();
    }
    let more = cluster.core.metric("grpc_calls_total").await - asked;
    // The gateways ask for its health every second.
    assert!(more < 5.0, "{more} calls for screens that were there");
}

#[tokio::test]
async fn a_gateway_that_starts_cold_under_load_asks_for_each_thing_once() {
    let cluster = Cluster::start().await;
    let faces = Faces::of(&cluster).await;
    let screens = [
        "/api/views/home".to_owned(),
        format!("/api/views/books/{}", faces.book),
    ];
    let rush = async |times: usize, token: &str| {
        let replica = cluster.replica_of(&cluster.web).await;
        let client = match token {
            "" => replica.guest().clone(),
            token => replica.guest().bearing(token),
        };
        let before = cluster.core.metric("grpc_calls_total").await;
        let asked = screens
            .iter()
            .flat_map(|path| (0..times).map(|_| client.get(path)));
        for answer in futures_util::future::join_all(asked).await {
            answer.ok();
        }
        cluster.core.metric("grpc_calls_total").await - before
    };
    let (calm, cold) = (rush(1, "").await, rush(50, "").await);
    // At most twice the load (R8b): some come after the first answers, before the log of changes has been heard of.
    assert!(
        cold <= 2.0 * calm + 5.0,
        "{cold} calls for a hundred at once, {calm} for two"
    );
    // The mutant: what is somebody's own is asked for each time.
    let own = rush(50, faces.web.token()).await;
    assert!(own > 10.0 * calm, "{own} calls for a hundred of somebody's own");
}

fn without_meta(mut body: serde_json::Value) -> serde_json::Value {
    if let Some(fields) = body.as_object_mut() {
        fields.remove("meta");
    }
    body
}

#[tokio::test]
async fn a_part_that_breaks_goes_missing_and_the_rest_stays() {
    // Nothing is kept that could stand in for what breaks.
    let cluster = Cluster::start_as(Changed {
        gateways: &[("TRIPTYCH_CACHE__MAX_BYTES", "0")],
        ..Changed::default()
    })
    .await;
    let faces = Faces::of(&cluster).await;
    let screens = [
        (&faces.web, format!("/api/views/books/{}", faces.book), "reviews"),
        (&faces.mobile, format!("/v1/books/{}", faces.book), "reviews"),
        (&faces.desktop, "/v1/workspace".to_owned(), "posts"),
    ];
    for (client, path, section) in &screens {
        assert_eq!(
            client.get(path).await.ok()["meta"]["sections"][section]["state"],
            "fresh",
            "{path}"
        );
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

    /// The screens that need something that is the viewer's own.
    fn required(&self) -> [(&Client, String); 4] {
        [
            (&self.web, "/api/articles".to_owned()),
            (&self.mobile, "/v1/me".to_owned()),
            (&self.desktop, "/v1/books".to_owned()),
            (&self.desktop, "/v1/workspace".to_owned()),
        ]
    }

    /// The screens that can do without what is the viewer's own.
    fn optional(&self) -> [(&Client, String); 4] {
        [
            (&self.web, "/api/views/home".to_owned()),
            (&self.web, format!("/api/views/books/{}", self.book)),
            (&self.mobile, "/v1/home".to_owned()),
            (&self.mobile, format!("/v1/books/{}", self.book)),
        ]
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
            let answer = in_time(client, &path).await;
            assert!(
                missing(&answer) > Some(0),
                "{path} says what is missing: {}",
                answer.body
            );
        }
    }

    async fn all_work(&self) {
        for (client, path) in self.required() {
            eventually(&format!("{path} works"), async || {
                client.get(&path).await.status == 200
            })
            .await;
        }
        for (client, path) in self.optional() {
            let whole = async || missing(&client.get(&path).await) == Some(0);
            eventually(&format!("{path} is whole"), whole).await;
        }
    }
}

async fn in_time(client: &Client, path: &str) -> Answer {
    for _ in 0..TRIES {
        if let Ok(answer) = tokio::time::timeout(READ_DEADLINE, client.get(path)).await {
            return answer;
        }
    }
    panic!("{path}: no answer after {READ_DEADLINE:?}");
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

//! Live events on real processes: nothing is missed and nothing comes twice, whoever dies; and nobody hears of what is
//! somebody else's.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use e2e::{Cluster, Newcomer, READER, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::{
    client::Client,
    events::{Events, Heard},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

const WEB: &str = "/api/events";
const DESKTOP: &str = "/v1/events";

/// A post of somebody's, to be commented on.
async fn a_post(who: &Newcomer) -> String {
    let article = json!({"title": format!("A post of {}", who.username), "description": "d", "body": "b"});
    let written = who
        .web
        .post("/api/articles", json!({ "article": article }))
        .await
        .ok();
    written["article"]["slug"].as_str().unwrap().to_owned()
}

/// Comments so many times; gives the numbers of the comments, in their order.
async fn comment(phone: Client, slug: String, times: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for number in 0..times {
        let path = format!("/v1/posts/{slug}/comments");
        let written = phone
            .post(&path, json!({"body": format!("Comment {number}")}))
            .await
            .ok();
        ids.push(written["id"].as_i64().expect("a comment has a number"));
    }
    ids
}

/// Orders a book; gives the order's number.
async fn order(who: &Newcomer) -> i64 {
    let books = who.mobile.get("/v1/books").await.ok();
    let items = json!([{"bookId": books["items"][0]["id"], "quantity": 1}]);
    let request = who
        .mobile
        .request(Method::POST, "/v1/orders")
        .json(&json!({ "items": items }));
    let request = request.header("idempotency-key", format!("the-order-of-{}", who.username));
    who.mobile.send(request).await.ok()["id"]
        .as_i64()
        .expect("an order has a number")
}

/// A page that is open, and what it has heard.
#[derive(Default)]
struct Tab {
    last_id: Option<String>,
    comments: Vec<i64>,
}

impl Tab {
    fn note(&mut self, heard: Heard) {
        assert_ne!(heard.event, "resync", "nothing was lost");
        if heard.data["kind"] == "comment" {
            self.comments.push(heard.data["id"].as_i64().unwrap());
        }
        self.last_id = Some(heard.id);
    }

    /// Listens until so many comments have been heard of.
    async fn hear(&mut self, events: &mut Events, comments: usize) {
        while self.comments.len() < comments {
            let heard = events.next().await.expect("the stream goes on");
            self.note(heard);
        }
    }

    /// Hears what is still on its way from a gateway that is dead.
    async fn drain(&mut self, mut events: Events) {
        while let Some(heard) = events.next().await {
            self.note(heard);
        }
    }
}

#[tokio::test]
async fn a_tab_misses_nothing_and_hears_nothing_twice_while_gateways_and_the_core_die() {
    const COMMENTS: usize = 45;
    let mut cluster = Cluster::start().await;
    let mut other = cluster.replica_of(&cluster.web).await;
    let ada = cluster.newcomer().await;
    let slug = a_post(&ada).await;
    let token = ada.web.clone();
    let mut tab = Tab::default();

    let mut events = token.hear(WEB, None).await;
    tab.note(events.next().await.expect("a word"));
    let writing = tokio::spawn(comment(ada.mobile.clone(), slug.clone(), COMMENTS));
    tab.hear(&mut events, 10).await;
    cluster.web.kill().await;
    tab.drain(events).await;

    let mut events = other.guest().hear(WEB, tab.last_id.as_deref()).await;
    tab.hear(&mut events, 25).await;
    cluster.web.start().await;
    other.kill().await;
    tab.drain(events).await;

    let mut events = token.hear(WEB, tab.last_id.as_deref()).await;
    let mut written = writing.await.unwrap();
    tab.hear(&mut events, COMMENTS).await;

    // The core dies; the tab keeps its stream and does not notice.
    cluster.core.kill().await;
    cluster.core.start().await;
    written.extend(comment(ada.mobile.clone(), slug, 5).await);
    tab.hear(&mut events, COMMENTS + 5).await;
    assert_eq!(tab.comments, written);
    assert!(cluster.web.metric("live_gaps_total").await == 0.0);
}

#[tokio::test]
async fn a_stream_ends_within_a_second_of_its_session() {
    let cluster = Cluster::start().await;
    let on_the_web = async || {
        let reader = cluster.web_as(READER).await;
        let mut events = reader.hear(WEB, None).await;
        events.next().await.expect("a word");

        let ended = Instant::now();
        let out = reader.request(Method::DELETE, "/api/session");
        assert_eq!(reader.send(out).await.status, 204);
        while events.next().await.is_some() {}
        let took = ended.elapsed();
        assert_eq!(reader.get(WEB).await.problem(), (401, "TOKEN_INVALID"));
        took
    };
    let at_the_desk = async || {
        let staff = cluster.desktop_as(STAFF).await;
        let mut events = staff.hear(DESKTOP, None).await;
        events.next().await.expect("a word");

        let ended = Instant::now();
        assert_eq!(staff.post("/v1/auth/logout", json!({})).await.status, 204);
        while events.next().await.is_some() {}
        let took = ended.elapsed();
        assert_eq!(staff.get(DESKTOP).await.status, 401);
        took
    };
    within_a_second(on_the_web).await;
    within_a_second(at_the_desk).await;
}

/// Fails unless something takes less than a second; on a machine that does much besides, in one of five tries.
async fn within_a_second(something: impl AsyncFn() -> Duration) {
    let mut took = Vec::new();
    while took.iter().all(|took| *took >= Duration::from_secs(1)) {
        assert!(took.len() < 5, "{took:?}");
        took.push(something().await);
    }
}

/// Everything that is heard until a comment is.
async fn until_a_comment(events: &mut Events) -> Vec<Value> {
    let mut heard = Vec::new();
    loop {
        let told = events.told().await.data;
        if told["kind"] == "comment" {
            return heard;
        }
        heard.push(told);
    }
}

#[tokio::test]
async fn nobody_hears_of_what_is_somebody_elses() {
    let cluster = Cluster::start().await;
    let (ada, eve) = (cluster.newcomer().await, cluster.newcomer().await);
    let staff = cluster.web_as(STAFF).await;
    let desk = cluster.desktop_as(STAFF).await;
    let slug = a_post(&ada).await;
    let listeners = [
        (&ada.web, WEB),
        (&desk, DESKTOP),
        (&eve.web, WEB),
        (cluster.web.guest(), WEB),
        (&staff, WEB),
    ];
    let mut streams = Vec::new();
    for (client, path) in listeners {
        let mut events = client.hear(path, None).await;
        events.next().await.expect("a word");
        streams.push(events);
    }

    let id = order(&ada).await;
    let like = ada.mobile.request(Method::PUT, &format!("/v1/posts/{slug}/like"));
    ada.mobile.send(like).await.ok();
    // Where all can hear it, so that everybody has heard all that they ever will of what was before.
    comment(ada.mobile.clone(), slug, 1).await;

    let mut orders = Vec::new();
    let mut likes = Vec::new();
    for events in &mut streams {
        let heard = until_a_comment(events).await;
        let has = |kind: &str, id: Option<i64>| {
            let mut all = heard.iter();
            all.any(|told| told["kind"] == kind && id.is_none_or(|id| told["id"] == id))
        };
        assert!(
            has("book", None),
            "everybody hears that a book was sold: {heard:?}"
        );
        orders.push(has("order", Some(id)));
        likes.push(has("like", None));
    }
    assert_eq!(
        orders,
        [true, true, false, false, false],
        "the buyer's and the desk's"
    );
    assert_eq!(likes, [true, false, false, false, false], "whose it is");
}

#[tokio::test]
async fn a_gateway_that_stops_sends_its_listeners_on_at_once() {
    let mut cluster = Cluster::start().await;
    let mut events = cluster.web.guest().hear(WEB, None).await;
    events.next().await.expect("a word");

    let (status, took) = cluster.web.stop().await;
    assert!(
        status.success() && took < Duration::from_secs(8),
        "{status} after {took:?}"
    );
    while events.next().await.is_some() {}
}

/// How many read nothing while books are written.
const SLOW: usize = 200;
/// What the gateway may hold for all of them. If it kept for each what that one does not take, a thousand books would take
/// more than twice as much, and ten thousand twenty times.
const HELD_BYTES: u64 = 32 * 1024 * 1024;

#[tokio::test]
async fn whoever_does_not_read_holds_no_memory() {
    let cluster = Cluster::start_with(&[
        ("TRIPTYCH_LIVE__PER_ADDRESS", "0"),
        ("TRIPTYCH_SERVER__MAX_CONNECTIONS_PER_IP", "0"),
    ])
    .await;
    let count = test_kit::size(1_000, 10_000);
    let books: String = (0..count)
        .map(|number| {
            format!("{{\"title\": \"Book {number}\", \"authors\": [\"Ada\"], \"price_cents\": 100, \"currency\": \"EUR\"}}\n")
        })
        .collect();
    let file = cluster.file("books.ndjson", &books);
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        slow.push(reads_one_word(cluster.web.address()).await);
    }
    let mut quick = cluster.web.guest().hear(WEB, None).await;
    quick.next().await.expect("a word");

    let before = cluster.web.resident_bytes();
    let import = ["import", "books", file.to_str().expect("a path of ours")];
    let (_, most) = tokio::join!(cluster.operate(&import), async {
        let mut most = before;
        for _ in 0..count {
            assert_eq!(quick.told().await.data["kind"], "book");
            most = most.max(cluster.web.resident_bytes());
        }
        most
    });
    let held = most.saturating_sub(before);
    print_line(&format!(
        "{SLOW} who read nothing, {count} events: {} KiB before, {} KiB more at most",
        before / 1024,
        held / 1024
    ));
    assert!(held < HELD_BYTES, "{held} bytes");
}

/// A client that reads the first word of the events, and nothing then.
async fn reads_one_word(gateway: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut stream = socket.connect(gateway).await.expect("a connection");
    let request = format!("GET {WEB} HTTP/1.1\r\nhost: a\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it goes out");
    let mut heard = String::new();
    while !heard.contains("id: ") {
        let mut more = [0; 1024];
        let count = stream.read(&mut more).await.expect("a word");
        heard.push_str(&String::from_utf8_lossy(&more[..count]));
    }
    stream
}

#[expect(
    clippy::print_stdout,
    reason = "a figure for whoever runs it with --no-capture"
)]
fn print_line(line: &str) {
    println!("{line}");
}

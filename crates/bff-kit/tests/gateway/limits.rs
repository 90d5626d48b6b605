//! S13: each limit of a gateway (that of a head's fields is in `server.rs`), at what is allowed and at one more. What is allowed comes through, one more is refused at
//! once; so a limit that is off by one, or not there, fails here.

use std::io::Write as _;
use std::time::{Duration, Instant};

use bff_kit::page::MAX_ITEMS;
use bff_kit::server::limits::MAX_HEADER_BYTES;
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::Answer;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{App, start};

/// How long a refusal may take.
const AT_ONCE: Duration = Duration::from_millis(50);
/// `max_body_bytes` of these tests.
const MAX_BODY_BYTES: usize = 1024;

/// The status line of the answer to these bytes.
async fn status_of(app: &App, request: &str) -> String {
    let mut stream = TcpStream::connect(app.running.address())
        .await
        .expect("the port is open");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the request is taken");
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn post(app: &App, body: String) -> Answer {
    app.client.post_bytes("/things", "application/json", body).await
}

/// What is refused, and that in no time; on a machine that does much else, in one of ten tries.
async fn refused_at_once(ask: impl AsyncFn() -> Answer) -> Answer {
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        let began = Instant::now();
        let answer = ask().await;
        fastest = fastest.min(began.elapsed());
        if fastest < AT_ONCE {
            return answer;
        }
    }
    panic!("refused after {fastest:?}");
}

#[tokio::test]
async fn a_body_has_as_many_bytes_as_are_allowed() {
    let app = start().await;
    // White space behind the JSON counts like everything else.
    let thing = json!({"title": "a", "priceCents": 1, "parts": []}).to_string();
    let of = |bytes: usize| format!("{thing:<bytes$}");
    assert_eq!(post(&app, of(MAX_BODY_BYTES)).await.status, 200);
    let refused = refused_at_once(async || post(&app, of(MAX_BODY_BYTES + 1)).await).await;
    assert_eq!(refused.problem(), (413, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn a_head_has_as_many_bytes_as_are_allowed() {
    let app = start().await;
    let of = |bytes: usize| {
        let rest = bytes - "host".len() - "a".len() - "x-long".len();
        format!(
            "GET /things HTTP/1.1\r\nhost: a\r\nx-long: {}\r\n\r\n",
            "x".repeat(rest)
        )
    };
    assert_eq!(status_of(&app, &of(MAX_HEADER_BYTES)).await, "HTTP/1.1 200");
    assert_eq!(status_of(&app, &of(MAX_HEADER_BYTES + 1)).await, "HTTP/1.1 431");
}

#[tokio::test]
async fn json_is_as_deep_as_is_allowed() {
    let app = start().await;
    let of = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    // Deep enough to be understood, and then of a wrong shape.
    let understood = post(&app, of(32)).await;
    assert_eq!(understood.problem(), (422, "INVALID_INPUT"));
    for levels in [33, 127, 128, 129, 500] {
        let refused = refused_at_once(async || post(&app, of(levels)).await).await;
        assert_eq!(refused.problem(), (400, "MALFORMED_BODY"), "{levels}");
    }
}

#[tokio::test]
async fn a_page_has_at_most_as_many_items_as_are_allowed_whatever_is_asked_for() {
    let app = start().await;
    for (asked, given) in [
        (MAX_ITEMS - 1, MAX_ITEMS - 1),
        (MAX_ITEMS, MAX_ITEMS),
        (MAX_ITEMS + 1, MAX_ITEMS),
    ] {
        let page = app.client.get(&format!("/things?first={asked}")).await.ok();
        assert_eq!(page[0], json!(given), "{asked}");
    }
    assert_eq!(
        app.client.get("/things?first=0").await.problem(),
        (422, "INVALID_INPUT")
    );
    let cursor = |letters: usize| format!("/things?after={}", "A".repeat(letters));
    assert_eq!(app.client.get(&cursor(1024)).await.status, 200);
    assert_eq!(
        app.client.get(&cursor(1025)).await.problem(),
        (422, "INVALID_INPUT")
    );
}

#[tokio::test]
async fn of_very_many_mistakes_the_first_hundred_are_told() {
    let app = start().await;
    for (mistakes, told) in [(99, 99), (100, 100), (101, 100), (400, 100)] {
        let thing = json!({"title": "a", "priceCents": 1, "parts": vec![1; mistakes]});
        let refused = post(&app, thing.to_string()).await;
        assert_eq!(refused.problem(), (422, "INVALID_INPUT"));
        assert_eq!(refused.body["errors"].as_array().map(Vec::len), Some(told));
    }
}

#[tokio::test]
async fn a_body_that_would_be_a_thousand_times_larger_is_never_unpacked() {
    let app = start().await;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 900_000]).expect("it is packed");
    let bomb = bomb.finish().expect("it is packed");
    assert!(bomb.len() <= MAX_BODY_BYTES, "{} bytes", bomb.len());
    let thrown = async || {
        let request = app.client.request(Method::POST, "/things");
        let request = request.header("content-encoding", "gzip");
        let request = request.header("content-type", "application/json");
        app.client.send(request.body(bomb.clone())).await
    };
    let answer = refused_at_once(thrown).await;
    assert_eq!(answer.problem(), (400, "MALFORMED_BODY"));
    assert_ne!(answer.body["detail"], Value::Null);
}

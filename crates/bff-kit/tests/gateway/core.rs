//! Calls to the core.

use std::time::{Duration, Instant};

use test_kit::fake_core::{FakeCore, GetBook};

use crate::harness::{App, millis, start, start_with};

/// Far less than anything may take that has no limit of its own, for a machine that does much else.
const SOON: Duration = Duration::from_secs(8);

async fn before(core: &FakeCore) -> App {
    let url = core.url();
    start_with(|settings| settings.core.url = url).await
}

#[tokio::test]
async fn a_core_that_is_down_is_a_problem_at_once() {
    let app = start().await;
    let began = Instant::now();
    let answer = app.client.get("/through").await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.body.to_string().contains("connect"), "{}", answer.body);
    // Not after the time that a call may take.
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn comes_back_by_itself_after_the_core_did() {
    let mut core = FakeCore::start();
    core.gives(GetBook, Default::default());
    let app = before(&core).await;
    assert_eq!(app.client.get("/through").await.status, 200);

    core.stop();
    let down = app.client.get("/through").await;
    assert_eq!(down.problem(), (503, "UNAVAILABLE"));

    core.start_again();
    let back = async {
        while app.client.get("/through").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), back)
        .await
        .expect("it comes back");
}

#[tokio::test]
async fn a_core_that_says_nothing_costs_no_more_than_the_call_may() {
    // A port that takes connections and never says a word.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let app = start_with(|settings| {
        settings.core.url = url;
        settings.core.read_timeout = millis(200);
    })
    .await;
    let began = Instant::now();
    let answer = app.client.get("/through").await;
    assert_eq!(answer.problem(), (504, "DEADLINE_EXCEEDED"));
    // Not at the deadline of the request.
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

//! Calls to the core.

use std::time::{Duration, Instant};

use test_kit::fake_core::{FakeCore, GetBook};

use crate::harness::{App, start, start_with};

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
    assert!(
        began.elapsed() < Duration::from_millis(300),
        "{:?}",
        began.elapsed()
    );
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
    tokio::time::timeout(Duration::from_secs(5), back)
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
    let app = start_with(|settings| settings.core.url = url).await;
    let began = Instant::now();
    let answer = app.client.get("/through").await;
    assert_eq!(answer.problem(), (504, "DEADLINE_EXCEEDED"));
    assert!(
        began.elapsed() < Duration::from_millis(390),
        "{:?}",
        began.elapsed()
    );
}

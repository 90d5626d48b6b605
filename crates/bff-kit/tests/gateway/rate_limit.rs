//! Whoever asks too often.

use reqwest::Method;
use test_kit::{
    client::{Answer, Client},
    fake_core::{FakeCore, GetBook},
};

use crate::harness::{App, start, start_with};

async fn limited(per_session: u32, per_address: u32) -> App {
    start_with(|settings| {
        settings.rate_limit.per_session = per_session;
        settings.rate_limit.per_address = per_address;
    })
    .await
}

async fn forwarded(app: &App, addresses: &str) -> Answer {
    let request = app.client.request(Method::GET, "/things");
    app.client
        .send(request.header("x-forwarded-for", addresses))
        .await
}

async fn statuses(client: &Client, path: &str, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(client.get(path).await.status);
    }
    statuses
}

#[tokio::test]
async fn every_answer_tells_what_is_left_and_the_last_one_when_there_is_more() {
    let app = limited(0, 3).await;
    for (left, wait) in [(2, 20), (1, 40), (0, 60)] {
        let answer = app.client.get("/things").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=3;w=60");
        assert_eq!(
            answer.header("ratelimit"),
            format!("\"address\";r={left};t={wait}")
        );
    }

    let refused = app.client.get("/things").await;
    assert_eq!(refused.problem(), (429, "RATE_LIMITED"));
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(refused.header("ratelimit"), "\"address\";r=0;t=20");
    assert_eq!(refused.header("cache-control"), "no-store");
}

#[tokio::test]
async fn paths_that_there_are_not_count_too() {
    let app = limited(0, 2).await;
    assert_eq!(statuses(&app.client, "/nowhere", 3).await, [404, 404, 429]);
}

#[tokio::test]
async fn without_a_setting_there_is_no_limit() {
    let app = start().await;
    let answer = app.client.get("/things").await;
    assert_eq!(answer.header("ratelimit-policy"), "");
    assert_eq!(statuses(&app.client, "/things", 20).await, [200; 20]);
}

#[tokio::test]
async fn a_session_that_the_core_accepts_has_a_quota_of_its_own() {
    let core = FakeCore::start();
    core.gives(GetBook, Default::default());
    let app = start_with(|settings| {
        settings.core.url = core.url();
        settings.rate_limit.per_session = 2;
        settings.rate_limit.per_address = 2;
    })
    .await;
    let ada = app.client.bearing("ada-s-token");
    let first = ada.get("/asks-as").await;
    assert_eq!(
        (first.status, first.header("ratelimit-policy")),
        (200, "\"address\";q=2;w=60")
    );
    let second = ada.get("/asks-as").await;
    assert_eq!(
        (second.status, second.header("ratelimit-policy")),
        (200, "\"session\";q=2;w=60")
    );

    assert_eq!(statuses(&app.client, "/things", 2).await, [200, 429]);
    assert_eq!(statuses(&ada, "/things", 2).await, [200, 429]);
}

#[tokio::test]
async fn a_token_that_is_made_up_buys_nothing() {
    let app = limited(100, 5).await;
    let mut statuses = Vec::new();
    for number in 0..10 {
        let made_up = app.client.bearing(&format!("made-up-{number}"));
        // Nobody looks at the token here, so nothing says that it is bad.
        statuses.push(made_up.get("/things").await.status);
    }
    assert_eq!(statuses, [[200; 5], [429; 5]].concat());
}

#[tokio::test]
async fn what_a_client_says_about_its_address_is_believed_only_of_our_own_proxies() {
    let direct = limited(0, 1).await;
    assert_eq!(forwarded(&direct, "1.1.1.1").await.status, 200);
    assert_eq!(forwarded(&direct, "2.2.2.2").await.status, 429);

    let behind_a_proxy = start_with(|settings| {
        settings.rate_limit.per_address = 1;
        settings.server.trusted_proxies = 1;
    })
    .await;
    for (addresses, status) in [
        ("1.1.1.1", 200),
        ("2.2.2.2", 200),
        ("made-up, 2.2.2.2", 429),
        ("2001:db8:1:2::3", 200),
        ("2001:db8:1:2::4", 429),
    ] {
        assert_eq!(
            forwarded(&behind_a_proxy, addresses).await.status,
            status,
            "{addresses}"
        );
    }
}

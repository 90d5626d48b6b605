//! Stopping in order: what has begun is finished, whichever process is told to stop.

use std::process::Stdio;
use std::time::Duration;

use e2e::{Cluster, READER, binary, eight_ports, eventually};
use reqwest::Method;
use serde_json::json;
use test_kit::client::{Answer, Client};
use tokio::process::Command;
use tokio::task::JoinSet;

/// How many sign in at once. Each takes a while, because a password's hash is made to, so that most are still
/// in flight when the first is done.
const AT_ONCE: usize = 6;
/// Longer than what was in flight can take.
const DRAINED: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_gateway_that_stops_answers_what_is_in_flight() {
    let mut cluster = Cluster::start().await;
    let mut logins = sign_in_at_once(&cluster);
    assert_eq!(next(&mut logins).await.status, 200);

    let (status, took) = cluster.web.stop().await;

    assert!(
        status.success() && took < DRAINED,
        "{status} after {took:?}\n{}",
        cluster.web.log()
    );
    while !logins.is_empty() {
        let answer = next(&mut logins).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_core_that_stops_answers_what_is_in_flight() {
    let mut cluster = Cluster::start().await;
    let mut logins = sign_in_at_once(&cluster);
    assert_eq!(next(&mut logins).await.status, 200);

    let (status, took) = cluster.core.stop().await;

    assert!(
        status.success() && took < DRAINED,
        "{status} after {took:?}\n{}",
        cluster.core.log()
    );
    while !logins.is_empty() {
        let answer = next(&mut logins).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn every_process_stops_when_nobody_asks_anything() {
    let mut cluster = Cluster::start().await;
    for program in cluster.all() {
        let (status, took) = program.stop().await;
        assert!(
            status.success() && took < DRAINED,
            "{status} after {took:?}\n{}",
            program.log()
        );
    }
}

fn sign_in_at_once(cluster: &Cluster) -> JoinSet<reqwest::Result<Answer>> {
    let mut logins = JoinSet::new();
    for _ in 0..AT_ONCE {
        let web = cluster.web.guest().clone();
        logins.spawn(async move {
            let body = json!({"user": {"email": READER.email, "password": READER.password}});
            web.try_send(web.request(reqwest::Method::POST, "/api/users/login").json(&body))
                .await
        });
    }
    logins
}

async fn next(logins: &mut JoinSet<reqwest::Result<Answer>>) -> Answer {
    let answer = logins.join_next().await.expect("a login is in flight").unwrap();
    answer.unwrap_or_else(|error| panic!("a request was lost: {error:?}"))
}

#[tokio::test]
async fn a_process_works_and_stops_although_whoever_read_its_log_has_gone() {
    let [port, admin, ..] = eight_ports();
    let mut child = Command::new(binary("bff-mobile"))
        .env("TRIPTYCH_SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("TRIPTYCH_ADMIN__LISTEN", format!("127.0.0.1:{admin}"))
        .env("TRIPTYCH_SERVER__LINGER", "0ms")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    drop(child.stderr.take());
    let guest = Client::of(([127, 0, 0, 1], port).into());

    eventually("the gateway answers", async || {
        let home = guest.request(Method::GET, "/v1/home");
        guest
            .try_send(home)
            .await
            .is_ok_and(|answer| answer.status == 200)
    })
    .await;
    let id = child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .await
            .unwrap()
            .success()
    );
    let ended = tokio::time::timeout(DRAINED, child.wait()).await;
    assert!(ended.expect("it stops").unwrap().success());
}

//! S8 over HTTP: whoever guesses at a password has few tries, and its owner signs in all the same where they have signed in
//! before.

use e2e::{Changed, Cluster, READER, STAFF};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

use crate::sign_in::log_in;

async fn on_a_phone(guest: &Client, password: &str, known_device: Option<&Value>) -> Answer {
    let mut login = json!({"email": READER.email, "password": password});
    if let Some(known_device) = known_device {
        login["knownDevice"] = known_device.clone();
    }
    guest.post("/v1/auth/login", login).await
}

async fn in_a_browser(guest: &Client, cookies: &str) -> Answer {
    let login = json!({"email": READER.email, "password": READER.password});
    let request = guest.request(Method::POST, "/api/session").json(&login);
    let request = request.header("x-csrf", "1").header("cookie", cookies);
    guest.send(request).await
}

#[tokio::test]
async fn guesses_keep_nobody_out_of_a_phone_or_a_browser_of_their_own() {
    let four_tries = Changed {
        core: &[("TRIPTYCH_SESSION__TRIES_PER_ACCOUNT", "4")],
        ..Changed::default()
    };
    let cluster = Cluster::start_as(four_tries).await;
    let (phone, browser) = (cluster.mobile.guest(), cluster.web.guest());
    let of_the_phone = on_a_phone(phone, READER.password, None).await.ok()["knownDevice"].clone();
    let signed_in = in_a_browser(browser, "").await;
    let set = signed_in.headers.get_all(SET_COOKIE).iter();
    let pairs = set.filter_map(|set| set.to_str().ok()?.split(';').next());
    let of_the_browser: Vec<_> = pairs.filter(|pair| pair.starts_with("device=")).collect();

    let mut refused = None;
    for guess in 0..6 {
        let answer = on_a_phone(phone, &format!("guess {guess}"), None).await;
        refused = (answer.status == 429).then_some(answer);
    }
    assert_eq!(refused.unwrap().problem(), (429, "RATE_LIMITED"));

    assert_eq!(
        on_a_phone(phone, READER.password, Some(&of_the_phone))
            .await
            .status,
        200
    );
    assert_eq!(in_a_browser(browser, of_the_browser[0]).await.status, 200);
    // The mutants: without what they were given, they are refused like everybody.
    assert_eq!(on_a_phone(phone, READER.password, None).await.status, 429);
    assert_eq!(in_a_browser(browser, "").await.status, 429);
}

#[tokio::test]
async fn whoever_tries_too_often_is_told_how_long_to_wait_whether_there_is_such_an_account_or_not() {
    let three_tries = Changed {
        core: &[("TRIPTYCH_SESSION__TRIES_PER_ACCOUNT", "3")],
        ..Changed::default()
    };
    let cluster = Cluster::start_as(three_tries).await;
    let guest = cluster.mobile.guest();
    for email in [READER.email, "nobody@triptych.example"] {
        for _ in 0..3 {
            let wrong = log_in(guest, email, "a wrong password").await;
            assert_eq!(wrong.problem(), (401, "CREDENTIALS_INVALID"), "{email}");
        }
        let before = cluster.core.metric("password_hashes_total").await;
        let refused = log_in(guest, email, READER.password).await;
        assert_eq!(refused.problem(), (429, "RATE_LIMITED"), "{email}");
        let seconds: u32 = refused.header("retry-after").parse().unwrap();
        assert!((1..=300).contains(&seconds), "{seconds}");
        assert_eq!(cluster.core.metric("password_hashes_total").await, before);
    }
    // It is counted in the core, so another face gives no more tries; and it is nobody else's trouble.
    let credentials = json!({"user": {"email": READER.email, "password": READER.password}});
    let elsewhere = cluster.web.guest().post("/api/users/login", credentials).await;
    assert_eq!(elsewhere.status, 429);
    assert_eq!(log_in(guest, STAFF.email, STAFF.password).await.status, 200);
}

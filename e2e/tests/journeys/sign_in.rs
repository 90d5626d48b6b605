//! S6 and S7 over HTTP: signing in on each face, staying signed in, and signing out everywhere.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use e2e::{Changed, Cluster, READER, STAFF};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};
use test_kit::timing::{BY_CHANCE, difference};

pub async fn log_in(guest: &Client, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password, "device": "a test"});
    guest.post("/v1/auth/login", body).await
}

async fn refresh(guest: &Client, tokens: &Value) -> Answer {
    let body = json!({"refreshToken": tokens["refreshToken"]});
    guest.post("/v1/auth/refresh", body).await
}

fn bearing(guest: &Client, tokens: &Value) -> Client {
    guest.bearing(tokens["accessToken"].as_str().expect("an access token"))
}

#[tokio::test]
async fn a_phone_stays_signed_in_over_lost_answers_and_a_thief_does_not() {
    let cluster = Cluster::start().await;
    let guest = cluster.mobile.guest();
    let first = log_in(guest, READER.email, READER.password).await.ok();
    let lost = refresh(guest, &first).await.ok();
    let again = refresh(guest, &first).await.ok();
    assert_eq!(again["refreshToken"], lost["refreshToken"]);
    assert_eq!(bearing(guest, &again).get("/v1/sessions").await.status, 200);

    cluster
        .sabotage("UPDATE sessions SET refreshed_at = '2020-01-01T00:00:00+00:00'")
        .await;
    assert_eq!(refresh(guest, &first).await.problem(), (401, "TOKEN_INVALID"));
    let ended = bearing(guest, &again).get("/v1/sessions").await;
    assert_eq!(ended.problem(), (401, "TOKEN_INVALID"));
    assert_eq!(refresh(guest, &again).await.problem(), (401, "TOKEN_INVALID"));
}

#[tokio::test]
async fn all_devices_are_seen_and_signed_out_from_one() {
    let cluster = Cluster::start().await;
    let (web, phone) = (cluster.web_as(STAFF).await, cluster.mobile_as(STAFF).await);
    let desk = cluster.desktop_as(STAFF).await;
    let devices = desk.get("/v1/sessions").await.ok();
    let devices = devices["items"].as_array().expect("a list");
    let mut clients: Vec<_> = devices.iter().map(|device| device["client"].clone()).collect();
    clients.sort_by_key(Value::to_string);
    assert_eq!(clients, ["desktop", "mobile", "web"]);

    let of_the_phone = devices.iter().find(|device| device["client"] == "mobile");
    let id = &of_the_phone.expect("the phone")["id"];
    assert_eq!(desk.delete(&format!("/v1/sessions/{id}")).await.status, 204);
    assert_eq!(phone.get("/v1/sessions").await.problem(), (401, "TOKEN_INVALID"));
    assert_eq!(web.get("/api/sessions").await.status, 200);

    assert_eq!(desk.delete("/v1/sessions").await.status, 204);
    assert_eq!(web.get("/api/sessions").await.problem(), (401, "TOKEN_INVALID"));
    assert_eq!(desk.get("/v1/sessions").await.status, 200);
}

#[tokio::test]
async fn a_token_of_one_face_is_of_no_use_on_another() {
    let cluster = Cluster::start().await;
    let of_the_phone = log_in(cluster.mobile.guest(), STAFF.email, STAFF.password)
        .await
        .ok();
    let of_the_desk = log_in(cluster.desktop.guest(), STAFF.email, STAFF.password)
        .await
        .ok();
    for (guest, tokens, path) in [
        (cluster.desktop.guest(), &of_the_phone, "/v1/workspace"),
        (cluster.mobile.guest(), &of_the_desk, "/v1/sessions"),
        (cluster.web.guest(), &of_the_desk, "/api/session"),
    ] {
        let answer = bearing(guest, tokens).get(path).await;
        assert_eq!(answer.problem(), (401, "TOKEN_INVALID"), "{path}");
        assert_ne!(refresh(guest, tokens).await.status, 200, "{path}");
    }
}

/// A browser: keeps the cookie that it is given, and sends the header that only our pages send.
struct Browser<'a> {
    client: &'a Client,
    cookie: String,
}

impl Browser<'_> {
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, path).header("x-csrf", "1");
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.client.send(request).await
    }

    async fn sign_in(&mut self) -> String {
        let credentials = json!({"email": READER.email, "password": READER.password});
        let answer = self.ask(Method::POST, "/api/session", Some(credentials)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let set = answer.headers[SET_COOKIE].to_str().expect("text").to_owned();
        self.cookie = set.split(';').next().unwrap_or_default().to_owned();
        set
    }
}

#[tokio::test]
async fn a_browsers_cookie_is_new_at_each_sign_in_and_of_no_use_to_scripts_or_other_hosts() {
    let cluster = Cluster::start_with(&[("TRIPTYCH_SERVER__HTTPS", "true")]).await;
    let mut browser = Browser {
        client: cluster.web.guest(),
        cookie: String::new(),
    };
    let set = browser.sign_in().await;
    let first = browser.cookie.clone();
    let again = browser.sign_in().await;
    assert_ne!(first, browser.cookie);
    let out = browser.ask(Method::DELETE, "/api/session", None).await;
    let cleared = out.headers[SET_COOKIE].to_str().expect("text").to_owned();

    for set in [&set, &again, &cleared] {
        let (pair, attributes) = set.split_once("; ").expect("attributes");
        assert!(pair.starts_with("__Host-Http-sid="), "{set}");
        let attributes: Vec<&str> = attributes.split("; ").collect();
        for needed in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(attributes.contains(&needed), "{needed}: {set}");
        }
        assert!(!set.contains("Domain") && set.len() <= 4096, "{set}");
    }
    // 256 random bits, of which no two are alike in the same place by more than chance.
    let value = |cookie: &str| cookie.split_once('=').map(|(_, value)| value.len());
    assert_eq!(value(&first), Some(43));

    let before = Browser {
        client: cluster.web.guest(),
        cookie: first,
    };
    let answer = before.ask(Method::GET, "/api/session", None).await;
    assert_eq!(answer.problem(), (401, "TOKEN_INVALID"));
}

/// Everything that could tell somebody who tries to sign in again and again whether there is such an account.
#[derive(Debug, Default)]
struct Signs {
    /// What was answered; all the same answers are one.
    told: BTreeSet<String>,
    took: Vec<Duration>,
    /// Passwords that were hashed.
    hashes: f64,
}

impl Signs {
    async fn look(&mut self, cluster: &Cluster, email: &str, password: &str) {
        let before = cluster.core.metric("password_hashes_total").await;
        let began = Instant::now();
        let mut answer = log_in(cluster.mobile.guest(), email, password).await;
        self.took.push(began.elapsed());
        self.hashes += cluster.core.metric("password_hashes_total").await - before;
        answer.body["requestId"] = Value::Null;
        answer.headers.remove("x-request-id");
        answer.headers.remove("date");
        self.told.insert(format!(
            "{} {} {:?} {}",
            answer.status, answer.bytes, answer.headers, answer.body
        ));
    }

    /// What these can be told from the others by.
    fn differ_from(&self, others: &Self) -> Vec<&'static str> {
        let signs = [
            ("what is told", self.told != others.told),
            ("how much is hashed", self.hashes != others.hashes),
            (
                "how long it takes",
                difference(&self.took, &others.took) > BY_CHANCE,
            ),
        ];
        let seen = signs.into_iter().filter(|(_, seen)| *seen);
        seen.map(|(sign, _)| sign).collect()
    }
}

#[tokio::test]
async fn who_has_no_account_costs_as_much_and_is_told_the_same() {
    let cluster = Cluster::start().await;
    cluster
        .sabotage("UPDATE users SET deleted_at = '2020-01-01T00:00:00+00:00' WHERE username = 'demo'")
        .await;
    // With a hash that says nothing, the password is refused and nothing is reckoned.
    cluster
        .sabotage("UPDATE users SET password_hash = '$argon2id' WHERE username = 'mira'")
        .await;
    let tries = test_kit::size(30, 2_000);
    let mut all: [Signs; 5] = Default::default();
    for _ in 0..tries {
        // In turns, so that whatever else the machine does meets all alike.
        for (signs, (email, password)) in all.iter_mut().zip([
            ("nobody@triptych.example", "demo-password"),
            (STAFF.email, "a wrong password"),
            (READER.email, READER.password),
            ("mira@triptych.example", "demo-password"),
            ("", "demo-password"),
        ]) {
            signs.look(&cluster, email, password).await;
        }
    }
    let [of_nobody, wrong, taken_away, unhashed, unseen] = all;
    assert!(of_nobody.told.len() == 1 && of_nobody.told.first().unwrap().starts_with("401"));
    assert_eq!(of_nobody.hashes, tries as f64);
    for known in [&wrong, &taken_away] {
        let signs = known.differ_from(&of_nobody);
        assert!(signs.is_empty(), "{signs:?}: {known:?} {of_nobody:?}");
    }

    // The mutants: whoever is answered without Argon2 is noticed by the time alone, and by everything who is refused
    // before the password is looked at.
    assert_eq!(unhashed.differ_from(&wrong), ["how long it takes"]);
    assert_eq!(
        unseen.differ_from(&wrong),
        ["what is told", "how much is hashed", "how long it takes"]
    );
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

#[tokio::test]
async fn a_write_that_is_sent_again_is_answered_again_and_done_once() {
    let cluster = Cluster::start().await;
    let ada = cluster.newcomer().await;
    let article = json!({"article": {"title": "Once", "description": "d", "body": "b"}});
    let send = async |key: &str, article: &Value| {
        let request = ada.web.request(Method::POST, "/api/articles").json(article);
        ada.web.send(request.header("idempotency-key", key)).await
    };
    let key = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";
    let first = send(key, &article).await;
    let again = send(&format!("\"{key}\""), &article).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(again.header("idempotency-replayed"), "true");

    let other = json!({"article": {"title": "Twice", "description": "d", "body": "b"}});
    let refused = send(key, &other).await;
    assert_eq!(refused.status, 422);
    let list = ada
        .web
        .get(&format!("/api/articles?author={}", ada.username))
        .await
        .ok();
    assert_eq!(list["articlesCount"], 1);
}

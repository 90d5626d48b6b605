//! S6 over HTTP: signing in on each face, staying signed in, and signing out everywhere.

use e2e::{Cluster, READER, STAFF};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

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

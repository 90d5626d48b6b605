//! Signing in with an OpenID provider: a desktop over its own loopback, a browser with its cookies.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::{Changed, Cluster, READER, STAFF};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_kit::client::{Answer, Client};
use test_kit::openid_provider::{self, App, OpenIdProvider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Where browsers reach bff-web in public; the test goes there by itself.
const CALLBACK: &str = "https://shop.example/api/session/oidc/callback";
const VERIFIER: &str = "what-only-the-app-that-began-to-sign-in-knows";

async fn provider() -> OpenIdProvider {
    let web = App {
        client_id: "web",
        secret: Some("what the provider knows the web by"),
        redirect_uri: CALLBACK,
    };
    let desktop = App {
        client_id: "desktop",
        secret: None,
        redirect_uri: "http://127.0.0.1/callback",
    };
    let people = json!({
        "tim": {"email": STAFF.email, "email_verified": true},
        "demo": {"email": READER.email, "email_verified": true},
        "newcomer": {"email": "newcomer@example.com", "preferred_username": "newcomer"},
    });
    OpenIdProvider::start(&[web, desktop], people).await
}

async fn cluster(issuer: &str) -> Cluster {
    let of_the_core = [
        ("TRIPTYCH_OIDC__ISSUER", issuer),
        ("TRIPTYCH_OIDC__LINK_BY_EMAIL", "true"),
        ("TRIPTYCH_OIDC__WEB__CLIENT_ID", "web"),
        (
            "TRIPTYCH_OIDC__WEB__CLIENT_SECRET",
            "what the provider knows the web by",
        ),
        ("TRIPTYCH_OIDC__WEB__REDIRECT_URI", CALLBACK),
        ("TRIPTYCH_OIDC__DESKTOP__CLIENT_ID", "desktop"),
    ];
    Cluster::start_as(Changed {
        core: &of_the_core,
        ..Changed::default()
    })
    .await
}

/// An app on somebody's computer, which listens where the browser is to come back to.
struct Desktop<'a> {
    gateway: &'a Client,
    listener: TcpListener,
    flow: Value,
}

impl<'a> Desktop<'a> {
    async fn begin(gateway: &'a Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let body = json!({
            "redirectUri": format!("http://127.0.0.1:{port}/callback"),
            "codeChallenge": URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)),
        });
        let flow = gateway.post("/v1/auth/oidc/begin", body).await.ok();
        Self {
            gateway,
            listener,
            flow,
        }
    }

    /// Sends the browser to the provider, and waits until it comes back.
    async fn sign_in(&self, name: &str) -> Answer {
        let page = self.flow["authorizationUrl"].as_str().unwrap();
        let browser = async {
            let back = openid_provider::sign_in(page, name).await;
            reqwest::get(back).await.unwrap().status()
        };
        let (status, query) = tokio::join!(browser, self.hear());
        assert_eq!(status, 200);
        self.gateway
            .post("/v1/auth/oidc/complete", self.completion(&query))
            .await
    }

    /// What the browser brings.
    async fn hear(&self) -> Url {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
        }
        let done = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(done).await.unwrap();
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap();
        Url::parse("http://127.0.0.1").unwrap().join(path).unwrap()
    }

    fn completion(&self, back: &Url) -> Value {
        json!({
            "flow": self.flow["flow"],
            "code": parameter(back, "code"),
            "state": parameter(back, "state"),
            "iss": parameter(back, "iss"),
            "codeVerifier": VERIFIER,
            "device": "a test",
        })
    }
}

fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[tokio::test]
async fn staff_sign_in_at_the_desktop_over_loopback_and_nobody_else_does() {
    let provider = provider().await;
    let cluster = cluster(&provider.issuer).await;
    let guest = cluster.desktop.guest();
    assert_eq!(
        guest.get("/v1/auth/methods").await.ok(),
        json!({"password": true, "oidc": true})
    );

    let session = Desktop::begin(guest).await.sign_in("tim").await.ok();
    assert_eq!(session["account"]["email"], STAFF.email);
    let tim = guest.bearing(session["accessToken"].as_str().unwrap());
    assert_eq!(tim.get("/v1/workspace").await.status, 200);
    let next = json!({"refreshToken": session["refreshToken"]});
    assert_eq!(guest.post("/v1/auth/refresh", next).await.status, 200);

    for name in ["demo", "newcomer"] {
        let answer = Desktop::begin(guest).await.sign_in(name).await;
        assert_eq!(answer.problem(), (403, "FORBIDDEN"), "{name}");
    }
    let elsewhere = json!({"redirectUri": "https://evil.example/", "codeChallenge": "x".repeat(43)});
    let answer = guest.post("/v1/auth/oidc/begin", elsewhere).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert!(
        answer.errors()[0].starts_with("redirectUri has to be"),
        "{:?}",
        answer.errors()
    );
}

/// A browser at bff-web: sends the cookies that it has, and follows nothing by itself.
#[derive(Default)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn get(&mut self, web: &Client, path: &str) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = web.request(Method::GET, path);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let answer = web.send(request).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    /// Goes to the provider and signs in there; the way back, not yet gone.
    async fn go(&mut self, web: &Client, path: &str, name: &str) -> String {
        let sent = self.get(web, path).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let set = sent.header(SET_COOKIE.as_str());
        assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
        let back = openid_provider::sign_in(sent.header(LOCATION.as_str()), name).await;
        assert!(back.as_str().starts_with(CALLBACK), "{back}");
        format!("{}?{}", back.path(), back.query().unwrap())
    }

    fn has(&self, name: &str) -> bool {
        self.cookies.iter().any(|(known, _)| known == name)
    }
}

#[tokio::test]
async fn a_browser_comes_back_signed_in_and_only_the_one_that_went() {
    let provider = provider().await;
    let cluster = cluster(&provider.issuer).await;
    let web = cluster.web.guest();
    let mut browser = Browser::default();
    let back = browser
        .go(web, "/api/session/oidc?returnTo=/books?page=2", "newcomer")
        .await;

    let mut other = Browser::default();
    let refused = other.get(web, &back).await;
    assert_eq!(refused.header("location"), "/?signInError=OIDC_REFUSED");
    let own = other.go(web, "/api/session/oidc", "demo").await;
    let refused = other.get(web, &back).await;
    assert_eq!(refused.header("location"), "/?signInError=OIDC_REFUSED");
    assert!(!other.has("sid") && !other.has("oidc"));
    let late = other.get(web, &own).await;
    assert_eq!(late.header("location"), "/?signInError=OIDC_REFUSED");

    let kept = browser.cookies.clone();
    let signed_in = browser.get(web, &back).await;
    assert_eq!(
        (signed_in.status, signed_in.header("location")),
        (303, "/books?page=2")
    );
    assert!(browser.has("sid") && !browser.has("oidc"));
    let me = browser.get(web, "/api/session").await.ok();
    assert_eq!(
        (&me["username"], &me["role"]),
        (&json!("newcomer"), &json!("reader"))
    );

    let mut again = Browser { cookies: kept };
    let refused = again.get(web, &back).await;
    assert_eq!(
        refused.header("location"),
        "/books?page=2&signInError=OIDC_REFUSED"
    );
    assert!(!again.has("sid"));
}

#[tokio::test]
async fn cancelling_and_going_elsewhere_sign_nobody_in() {
    let provider = provider().await;
    let cluster = cluster(&provider.issuer).await;
    let web = cluster.web.guest();
    let mut browser = Browser::default();
    let sent = browser.get(web, "/api/session/oidc?returnTo=/books").await;
    assert_eq!(sent.status, 303);
    let cancelled = browser
        .get(web, "/api/session/oidc/callback?error=access_denied&state=any")
        .await;
    assert_eq!(cancelled.header("location"), "/books?signInError=OIDC_REFUSED");
    assert!(browser.cookies.is_empty());

    for elsewhere in ["https://evil.example/", "//evil.example/", "/%5Cevil.example/"] {
        let answer = browser
            .get(web, &format!("/api/session/oidc?returnTo={elsewhere}"))
            .await;
        assert_eq!(answer.problem(), (422, "INVALID_INPUT"), "{elsewhere}");
    }
}

#[tokio::test]
async fn a_provider_that_goes_away_is_an_outage_and_keeps_nobody_waiting() {
    let provider = provider().await;
    let cluster = cluster(&provider.issuer).await;
    let (web, desktop) = (cluster.web.guest(), cluster.desktop.guest());
    let mut browser = Browser::default();
    let back = browser.go(web, "/api/session/oidc", "demo").await;
    let at_the_desk = Desktop::begin(desktop).await;
    drop(provider);

    let asked = Instant::now();
    let answer = browser.get(web, &back).await;
    assert_eq!(answer.header("location"), "/?signInError=UNAVAILABLE");
    let back = Url::parse("http://127.0.0.1/callback?code=any").unwrap();
    let page = Url::parse(at_the_desk.flow["authorizationUrl"].as_str().unwrap()).unwrap();
    let mut completion = at_the_desk.completion(&back);
    completion["state"] = parameter(&page, "state").into();
    completion["iss"] = page.origin().ascii_serialization().into();
    let answer = desktop.post("/v1/auth/oidc/complete", completion).await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn without_a_provider_it_is_not_offered() {
    let cluster = Cluster::start().await;
    let (web, desktop) = (cluster.web.guest(), cluster.desktop.guest());
    let by_password = json!({"password": true, "oidc": false});
    assert_eq!(web.get("/api/session/methods").await.ok(), by_password);
    assert_eq!(desktop.get("/v1/auth/methods").await.ok(), by_password);
    let answer = web.get("/api/session/oidc").await;
    assert_eq!(answer.problem(), (404, "OIDC_NOT_CONFIGURED"));
    let body = json!({"redirectUri": "http://127.0.0.1:49152/", "codeChallenge": "x".repeat(43)});
    let answer = desktop.post("/v1/auth/oidc/begin", body).await;
    assert_eq!(answer.problem(), (404, "OIDC_NOT_CONFIGURED"));
}

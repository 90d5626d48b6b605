//! S5: every cookie that any operation of any gateway sets, to guests and to browsers that are signed in.

use std::collections::BTreeSet;

use e2e::{Cluster, Program, READER};
use reqwest::Method;
use reqwest::header::SET_COOKIE;
use serde_json::json;
use test_kit::client::Answer;

use crate::attacks::{self, fresh_key};
use crate::openapi::{self, Operation};

/// What is wrong with a `Set-Cookie` of a gateway behind https.
fn faults(set: &str) -> Vec<String> {
    let (pair, attributes) = set.split_once("; ").unwrap_or((set, ""));
    let attributes: Vec<&str> = attributes.split("; ").collect();
    // What ties a sign-in to this browser has to come with the way back from the provider, which is another site.
    let same_site = match pair.starts_with("__Host-Http-oidc=") {
        true => "SameSite=Lax",
        false => "SameSite=Strict",
    };
    let needed = ["Secure", "HttpOnly", same_site, "Path=/"];
    let missing = needed.into_iter().filter(|one| !attributes.contains(one));
    let mut faults: Vec<_> = missing.map(|one| format!("no {one}: {set}")).collect();
    let wrong = [
        (
            !pair.starts_with("__Host-Http-"),
            "can be set by scripts and other hosts",
        ),
        (set.to_lowercase().contains("domain"), "is for other hosts too"),
        (set.len() > 4096, "is longer than browsers keep"),
    ];
    faults.extend(
        wrong
            .into_iter()
            .filter(|(wrong, _)| *wrong)
            .map(|(_, why)| format!("{why}: {set}")),
    );
    faults
}

async fn ask(gateway: &Program, operation: &Operation, cookie: &str) -> Answer {
    let target = attacks::target(operation, None, "");
    let mut request = gateway.guest().request(operation.method.clone(), &target);
    request = request
        .header("x-csrf", "1")
        .header("idempotency-key", fresh_key());
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    if let Some(body) = &operation.body {
        let media_type = &body.media_type;
        request = request
            .header("content-type", media_type)
            .body(openapi::sample(&body.schema).to_string());
    }
    gateway.guest().send(request).await
}

async fn sign_in(web: &Program) -> Answer {
    let credentials = json!({"email": READER.email, "password": READER.password});
    let request = web
        .guest()
        .request(Method::POST, "/api/session")
        .json(&credentials);
    web.guest().send(request.header("x-csrf", "1")).await
}

fn cookies(answer: &Answer) -> impl Iterator<Item = String> {
    let all = answer.headers.get_all(SET_COOKIE).iter();
    all.map(|set| set.to_str().expect("text").to_owned())
}

/// The cookie of a browser that has just signed in, as it sends it.
async fn cookie(web: &Program) -> String {
    let set = cookies(&sign_in(web).await).next().expect("a cookie");
    set.split(';').next().unwrap_or_default().to_owned()
}

/// Every cookie that the gateway's operations set, for nobody and for somebody.
async fn crawl(gateway: &Program, signed_in: bool) -> BTreeSet<String> {
    let document = gateway.guest().get("/openapi.json").await.ok();
    let mut found = BTreeSet::new();
    for operation in openapi::operations(&document) {
        let of_somebody = if signed_in {
            cookie(gateway).await
        } else {
            String::new()
        };
        for cookie in [String::new(), of_somebody, "__Host-Http-sid=of-nobody".to_owned()] {
            found.extend(cookies(&ask(gateway, &operation, &cookie).await));
        }
    }
    found
}

#[tokio::test]
async fn every_cookie_is_for_this_host_alone_and_hidden_from_scripts() {
    let cluster = Cluster::start_with(&[("TRIPTYCH_SERVER__HTTPS", "true")]).await;
    let mut all = crawl(&cluster.web, true).await;
    all.extend(cookies(&sign_in(&cluster.web).await));
    let cleared = all.iter().filter(|set| set.contains("Max-Age=0")).count();
    assert!(
        cleared > 0 && all.len() > cleared,
        "cookies are set and taken away: {all:#?}"
    );
    let faults: Vec<_> = all.iter().flat_map(|set| faults(set)).collect();
    assert!(faults.is_empty(), "{faults:#?}");

    for gateway in [&cluster.mobile, &cluster.desktop] {
        let none = crawl(gateway, false).await;
        assert!(none.is_empty(), "apps have no cookies: {none:#?}");
    }
}

#[tokio::test]
async fn every_sign_in_has_a_secret_of_its_own_that_nobody_can_guess() {
    let cluster = Cluster::start_with(&[("TRIPTYCH_SERVER__HTTPS", "true")]).await;
    let mut secrets = Vec::new();
    for _ in 0..test_kit::size(20, 1_000) {
        let cookie = cookie(&cluster.web).await;
        let (_, value) = cookie.split_once('=').expect("a value");
        // 43 letters of base64url: 256 bits.
        assert_eq!(value.len(), 43, "{value}");
        secrets.push(value.to_owned());
    }
    // In no place do all of them have the same letter, but the last, which holds only four bits.
    for place in 0..42 {
        let letters: BTreeSet<_> = secrets.iter().map(|secret| secret.as_bytes()[place]).collect();
        assert!(letters.len() > 4, "place {place}: {letters:?}");
    }
    let count = secrets.len();
    assert_eq!(secrets.into_iter().collect::<BTreeSet<_>>().len(), count);
}

#[tokio::test]
async fn the_cookie_of_plain_http_would_not_do() {
    // The mutant: without https the gateway sets the development cookie, and the check notices.
    let cluster = Cluster::start().await;
    let faults: Vec<_> = cookies(&sign_in(&cluster.web).await)
        .flat_map(|set| faults(&set))
        .collect();
    assert!(
        faults.iter().any(|fault| fault.starts_with("no Secure")),
        "{faults:?}"
    );
    assert!(
        faults.iter().any(|fault| fault.contains("other hosts")),
        "{faults:?}"
    );
}

//! S15 over HTTP: what is no good token opens nothing, on any face, and costs nothing to refuse.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::{Cluster, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::Client;

use crate::sign_in::log_in;

/// How long a refusal takes at most.
const QUICK: Duration = Duration::from_millis(5);

/// What nobody can read from a good token of theirs, and what they make of it.
fn forgeries_of(good: &str) -> Vec<(&'static str, String)> {
    let parts: Vec<&str> = good.split('.').collect();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = parts
        .get(1)
        .and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Value = claims
        .and_then(|claims| serde_json::from_slice(&claims).ok())
        .unwrap_or_default();
    let mut of_staff = claims.clone();
    of_staff["sub"] = json!("1");
    let with_head = |head: Value, claims: &Value| format!("{}.{}.", encoded(head), encoded(claims.clone()));
    vec![
        ("nothing like a token", "abc".to_owned()),
        ("a letter more", format!("{good}A")),
        ("a letter less", good[..good.len() - 1].to_owned()),
        ("other letters", good.chars().rev().collect()),
        ("twice", format!("{good}.{good}")),
        (
            "alg none",
            with_head(json!({"alg": "none", "typ": "at+jwt"}), &claims),
        ),
        (
            "alg None",
            with_head(json!({"alg": "None", "typ": "at+jwt"}), &claims),
        ),
        (
            "no signature",
            with_head(json!({"alg": "EdDSA", "typ": "at+jwt"}), &claims),
        ),
        (
            "of somebody else",
            format!("{}.{}.{}", parts[0], encoded(of_staff), parts.last().unwrap()),
        ),
        (
            "keys from elsewhere",
            with_head(json!({"alg": "EdDSA", "jku": "http://127.0.0.1:9/"}), &claims) + "AAAA",
        ),
        (
            "critical extensions",
            with_head(json!({"alg": "EdDSA", "crit": ["exp"]}), &claims) + "AAAA",
        ),
        ("SQL", "' OR 1=1 --".to_owned()),
        ("10,000 letters", "A".repeat(10_000)),
    ]
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

#[tokio::test]
async fn what_is_no_good_token_opens_nothing_on_any_face() {
    let cluster = Cluster::start().await;
    let token = async |guest: &Client| {
        let tokens = log_in(guest, STAFF.email, STAFF.password).await.ok();
        tokens["accessToken"].as_str().unwrap().to_owned()
    };
    let credentials = json!({"user": {"email": STAFF.email, "password": STAFF.password}});
    let known = cluster
        .web
        .guest()
        .post("/api/users/login", credentials)
        .await
        .ok();
    let of_the_web = known["user"]["token"].as_str().unwrap().to_owned();
    let faces = [
        (&cluster.web, of_the_web, "/api/session"),
        (&cluster.mobile, token(cluster.mobile.guest()).await, "/v1/me"),
        (
            &cluster.desktop,
            token(cluster.desktop.guest()).await,
            "/v1/workspace",
        ),
    ];
    for (gateway, good, path) in &faces {
        let guest = gateway.guest();
        let timed = async |token: &str| {
            let bearer = guest.bearing(token);
            let began = Instant::now();
            let answer = bearer.get(path).await;
            (answer, began.elapsed())
        };
        let of_others = faces.iter().filter(|(_, other, _)| other != good);
        let of_others: Vec<_> = of_others
            .map(|(_, other, _)| ("of another face", other.clone()))
            .collect();
        let (mut good_ones, mut forged_ones) = (Vec::new(), Vec::new());
        for (what, forgery) in forgeries_of(good).into_iter().chain(of_others) {
            let mut fastest = Duration::MAX;
            // On a busy machine more tries are needed; what costs something costs it in all of them.
            for tries in 1..=10 {
                if tries > 3 && fastest < QUICK {
                    break;
                }
                let (answer, took) = timed(good).await;
                assert_eq!(answer.status, 200, "{path}");
                good_ones.push(took);
                let (answer, took) = timed(&forgery).await;
                assert_eq!(answer.problem(), (401, "TOKEN_INVALID"), "{path}: {what}");
                fastest = fastest.min(took);
            }
            forged_ones.push((fastest, what));
        }
        // Nothing is fetched or reckoned for any forgery; where the machine is too busy, a good one takes longer too.
        let (slowest, at_most) = (forged_ones.into_iter().max(), median(good_ones) * 2);
        let (slowest, what) = slowest.unwrap();
        assert!(
            slowest < at_most.max(QUICK),
            "{path}: {what} takes {slowest:?} of {at_most:?}"
        );
        let enormous = guest.bearing(&"A".repeat(1_000_000));
        let refused = enormous.try_send(enormous.request(Method::GET, path)).await;
        // Cut off before its end, or told that it is too long.
        assert!(refused.is_err() || refused.unwrap().status == 431, "{path}");
    }
}

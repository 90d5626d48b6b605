//! S15: forged tokens, through every gateway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_service::models::session::Client;
use core_service::services::secrets::derive;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::users::v1::CreateSessionRequest;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::app::{Actor, App, PASSWORD, SESSION_SECRET};
use crate::tokens::{phone, through};

/// The key that the core of these tests signs with.
pub fn signing_key() -> EncodingKey {
    signing_key_of(SESSION_SECRET)
}

fn signing_key_of(secret: &str) -> EncodingKey {
    let seed = derive(secret, "access tokens").unwrap();
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref())
}

/// A part of a token, read.
pub fn decoded(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Claims with some of them changed; null takes one away.
pub fn merged(claims: &Value, changes: &Value) -> Value {
    let mut merged = claims.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => merged.remove(name),
            value => merged.insert(name.clone(), value.clone()),
        };
    }
    Value::Object(merged)
}

/// A token with any head and claims, signed with a key of Ed25519.
pub fn forged(head: &Value, claims: &Value, key: &EncodingKey) -> String {
    let message = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = message.join(".");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

#[tokio::test]
async fn forgeries_are_refused_through_every_gateway() {
    let app = App::start().await;
    let staff = app.staff("tim").await;
    let desk = Actor::guest_of(Client::Desktop);
    let begun = app
        .sessions()
        .create_session(desk.asks(CreateSessionRequest {
            email: staff.email.clone(),
            password: PASSWORD.to_owned(),
            ..CreateSessionRequest::default()
        }))
        .await;
    let of_the_desk = begun.unwrap().into_inner().pass.unwrap().token;
    let of_the_phone = phone(&app, &staff).await.token;

    let of_the_browser = app.sign_in(&staff.email, PASSWORD).await.unwrap();

    for (gateway, good, of_others) in [
        (Client::Mobile, &of_the_phone, [&of_the_desk, &of_the_browser]),
        (Client::Desktop, &of_the_desk, [&of_the_phone, &of_the_browser]),
        (Client::Web, &of_the_browser, [&of_the_phone, &of_the_desk]),
    ] {
        assert!(through(&app, gateway, good).await);
        let mut forgeries = match gateway {
            // Nothing can be read from a browser's token: what others may be forged is of no use, nor is any other secret.
            Client::Web => [forgeries_of(&of_the_phone), other_secrets(good)].concat(),
            _ => forgeries_of(good),
        };
        forgeries.extend(of_others.map(|other| ("a token of another gateway", other.clone())));
        for (name, forgery) in forgeries {
            assert!(
                !through(&app, gateway, &forgery).await,
                "{gateway:?}: {name}: {forgery}"
            );
        }
    }
}

/// Secrets that are nearly a good one.
fn other_secrets(good: &str) -> Vec<(&'static str, String)> {
    let hash = Sha256::digest(good);
    vec![
        ("in capitals", good.to_uppercase()),
        ("a letter less", good[1..].to_owned()),
        ("a letter more", format!("{good}A")),
        ("padded", format!("{good}=")),
        ("its hash, which the database has", URL_SAFE_NO_PAD.encode(hash)),
        (
            "its hash in hex",
            hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        ),
    ]
}

/// What somebody may try who knows a good token and the public key, and in some cases even signs with the right key.
fn forgeries_of(good: &str) -> Vec<(&'static str, String)> {
    let (head, claims, key) = (decoded(good, 0), decoded(good, 1), signing_key());
    let with = |head_changes: Value, claim_changes: Value| {
        forged(
            &merged(&head, &head_changes),
            &merged(&claims, &claim_changes),
            &key,
        )
    };
    let (now, none) = (time::OffsetDateTime::now_utc().unix_timestamp(), json!({}));
    let unsigned = |head: Value| {
        let message = [&head, &claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        format!("{}.", message.join("."))
    };
    let public = URL_SAFE_NO_PAD.encode(derive(SESSION_SECRET, "access tokens").unwrap());
    let confused = jsonwebtoken::encode(
        &Header {
            typ: Some("at+jwt".to_owned()),
            kid: head["kid"].as_str().map(str::to_owned),
            ..Header::new(Algorithm::HS256)
        },
        &claims,
        &EncodingKey::from_secret(public.as_bytes()),
    );
    let parts: Vec<&str> = good.split('.').collect();
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[0] ^= 1;
    let twice = format!("{},\"sub\":\"1\"}}", claims.to_string().trim_end_matches('}'));
    let twice = [head.to_string(), twice]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    let signed_twice = jsonwebtoken::crypto::sign(twice.as_bytes(), &key, Algorithm::EdDSA).unwrap();
    vec![
        (
            "no signature, alg none",
            unsigned(json!({"alg": "none", "typ": "at+jwt"})),
        ),
        (
            "no signature, alg None",
            unsigned(json!({"alg": "None", "typ": "at+jwt", "kid": head["kid"]})),
        ),
        ("no signature, alg EdDSA", unsigned(head.clone())),
        ("HMAC with what is public", confused.unwrap()),
        (
            "another key",
            forged(
                &head,
                &claims,
                &signing_key_of("a secret that somebody else made up!"),
            ),
        ),
        (
            "a changed signature",
            format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(signature)),
        ),
        (
            "a changed claim",
            format!(
                "{}.{}.{}",
                parts[0],
                URL_SAFE_NO_PAD.encode(merged(&claims, &json!({"sub": "1"})).to_string() + " "),
                parts[2]
            ),
        ),
        ("no claims", format!("{}..{}", parts[0], parts[2])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.{}", parts[2])),
        ("another audience", with(none.clone(), json!({"aud": "web"}))),
        ("no audience", with(none.clone(), json!({"aud": null}))),
        ("another issuer", with(none.clone(), json!({"iss": "somebody"}))),
        ("no issuer", with(none.clone(), json!({"iss": null}))),
        ("no subject", with(none.clone(), json!({"sub": null}))),
        ("no session", with(none.clone(), json!({"sid": null}))),
        (
            "a session that is none",
            with(none.clone(), json!({"sid": 999_999})),
        ),
        ("ended", with(none.clone(), json!({"exp": now - 60}))),
        ("no end", with(none.clone(), json!({"exp": null}))),
        (
            "an end that is no number",
            with(none.clone(), json!({"exp": "later"})),
        ),
        ("not yet", with(none.clone(), json!({"nbf": now + 600}))),
        ("another type", with(json!({"typ": "JWT"}), none.clone())),
        ("no type", with(json!({"typ": null}), none.clone())),
        (
            "a refresh token's type",
            with(json!({"typ": "rt+jwt"}), none.clone()),
        ),
        (
            "a key of a path",
            with(json!({"kid": "../../../dev/null"}), none.clone()),
        ),
        ("a key of SQL", with(json!({"kid": "' OR 1=1 --"}), none.clone())),
        ("no key", with(json!({"kid": null}), none.clone())),
        (
            "keys from elsewhere",
            with(
                json!({"kid": "x", "jku": "http://127.0.0.1:9/keys"}),
                none.clone(),
            ),
        ),
        (
            "critical extensions",
            with(json!({"crit": ["exp"]}), none.clone()),
        ),
        ("the same claim twice", format!("{twice}.{signed_twice}")),
        (
            "too long",
            with(none.clone(), json!({"padding": "x".repeat(8_000)})),
        ),
        ("nothing like a token", "abc".to_owned()),
    ]
}

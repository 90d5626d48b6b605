//! The tokens of phones and desktops: refreshed, lost, sent twice, stolen, forged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_service::models::session::Client;
use core_service::services::secrets::derive;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proto::users::v1::{CreateSessionRequest, GetAccountRequest, Pass, RefreshSessionRequest};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::app::{Actor, App, PASSWORD, SESSION_SECRET, refusal};

/// A phone that somebody is signed in on.
async fn phone(app: &App, owner: &Actor) -> Pass {
    let guest = Actor::guest_of(Client::Mobile);
    let request = guest.asks(CreateSessionRequest {
        email: owner.email.clone(),
        password: PASSWORD.to_owned(),
        device: "a phone".to_owned(),
    });
    let begun = app.sessions().create_session(request).await.unwrap();
    begun.into_inner().pass.unwrap()
}

async fn refresh(app: &App, pass: &Pass) -> Result<Pass, Status> {
    let guest = Actor::guest_of(Client::Mobile);
    let request = RefreshSessionRequest {
        refresh_token: pass.refresh_token.clone(),
    };
    let answer = app.sessions().refresh_session(guest.asks(request)).await?;
    Ok(answer.into_inner())
}

/// Whether a call with this token is answered.
async fn works(app: &App, token: &str) -> bool {
    through(app, Client::Mobile, token).await
}

async fn through(app: &App, gateway: Client, token: &str) -> bool {
    let actor = Actor {
        token: Some(token.to_owned()),
        ..Actor::guest_of(gateway)
    };
    match app.users().get_account(actor.asks(GetAccountRequest {})).await {
        Ok(_) => true,
        Err(status) => {
            let answer: Result<tonic::Response<()>, Status> = Err(status);
            let (code, reason, _) = refusal(answer);
            assert_eq!((code, reason.as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
            false
        }
    }
}

/// Lets so much time pass for all sessions.
async fn later(app: &App, sql: &'static str) {
    app.database.execute(sql).await;
}

/// Long enough ago that no two requests of the same moment are meant.
const OUTSIDE_THE_GRACE: &str = "UPDATE sessions SET refreshed_at = '2020-01-01T00:00:00+00:00'";

#[tokio::test]
async fn a_refresh_gives_tokens_that_work_and_lets_the_old_access_token_end_by_itself() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let first = phone(&app, &ada).await;
    let second = refresh(&app, &first).await.unwrap();
    assert_ne!(first.refresh_token, second.refresh_token);
    assert!(works(&app, &first.token).await && works(&app, &second.token).await);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_however_late() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let first = phone(&app, &ada).await;
    let lost = refresh(&app, &first).await.unwrap();
    later(&app, OUTSIDE_THE_GRACE).await;
    let again = refresh(&app, &first).await.unwrap();
    assert_eq!(again.refresh_token, lost.refresh_token);
    assert!(works(&app, &again.token).await);
    refresh(&app, &again).await.unwrap();
}

#[tokio::test]
async fn requests_of_the_same_moment_get_the_same_successor() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let first = phone(&app, &ada).await;
    let tabs = futures_util::future::join_all((0..8).map(|_| refresh(&app, &first))).await;
    let tokens: Vec<_> = tabs.into_iter().map(|pass| pass.unwrap()).collect();
    assert!(
        tokens
            .iter()
            .all(|pass| pass.refresh_token == tokens[0].refresh_token)
    );
    // One of them goes on at once, while the network still delivers the request of another.
    assert!(works(&app, &tokens[0].token).await);
    assert_eq!(
        refresh(&app, &first).await.unwrap().refresh_token,
        tokens[0].refresh_token
    );
}

#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_at_the_first_conflict() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let stolen = phone(&app, &ada).await;
    let of_the_owner = refresh(&app, &stolen).await.unwrap();
    assert!(works(&app, &of_the_owner.token).await);
    later(&app, OUTSIDE_THE_GRACE).await;

    let (code, reason, _) = refusal(refresh(&app, &stolen).await.map(tonic::Response::new));

    assert_eq!((code, reason.as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
    assert!(!works(&app, &of_the_owner.token).await && !works(&app, &stolen.token).await);
    assert!(refresh(&app, &of_the_owner).await.is_err());
}

#[tokio::test]
async fn a_thief_who_comes_first_is_out_when_the_owner_comes() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let stolen = phone(&app, &ada).await;
    let of_the_thief = refresh(&app, &stolen).await.unwrap();
    assert!(works(&app, &of_the_thief.token).await);
    later(&app, OUTSIDE_THE_GRACE).await;
    assert!(refresh(&app, &stolen).await.is_err());
    assert!(!works(&app, &of_the_thief.token).await);
}

#[tokio::test]
async fn many_refreshes_over_a_bad_network_sign_nobody_out() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let mut pass = phone(&app, &ada).await;
    for round in 0..200 {
        // Every fifth answer is lost, every tenth request is delivered twice, four tabs ask at once.
        let tabs = futures_util::future::join_all((0..4).map(|_| refresh(&app, &pass))).await;
        let next = tabs.into_iter().next().unwrap().unwrap();
        if round % 5 == 0 {
            continue;
        }
        assert!(works(&app, &next.token).await, "round {round}");
        if round % 10 == 1 {
            assert!(refresh(&app, &pass).await.is_ok(), "round {round}");
        }
        pass = next;
    }
}

#[tokio::test]
async fn many_thefts_are_all_found() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for _ in 0..50 {
        let stolen = phone(&app, &ada).await;
        let next = refresh(&app, &stolen).await.unwrap();
        assert!(works(&app, &next.token).await);
        later(&app, OUTSIDE_THE_GRACE).await;
        assert!(refresh(&app, &stolen).await.is_err());
        assert!(!works(&app, &next.token).await);
    }
}

#[tokio::test]
async fn a_refresh_token_is_of_no_use_through_another_gateway_or_as_an_access_token() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let pass = phone(&app, &ada).await;
    let desk = Actor::guest_of(Client::Desktop);
    let request = RefreshSessionRequest {
        refresh_token: pass.refresh_token.clone(),
    };
    assert!(app.sessions().refresh_session(desk.asks(request)).await.is_err());
    assert!(!works(&app, &pass.refresh_token).await);
    assert!(works(&app, &pass.token).await);
}

#[tokio::test]
async fn an_access_token_ends() {
    let app = App::start_with(|settings| settings.session.access_lifetime = "0s".parse().unwrap()).await;
    let ada = app.reader("ada").await;
    let pass = phone(&app, &ada).await;
    let [head, claims] = [0, 1].map(|part| decoded(&pass.token, part));
    assert_eq!(claims["exp"], claims["iat"]);
    let long_ago = json!({"exp": claims["exp"].as_i64().unwrap() - 60});
    let expired = forged(&head, &merged(&claims, &long_ago), &signing_key());
    assert!(!works(&app, &expired).await);
}

#[tokio::test]
async fn a_secret_of_before_stays_good_for_tokens_until_they_are_refreshed() {
    let before = "the secret that was in use until yesterday";
    let app = App::start_with(|settings| settings.session.secret = before.to_owned()).await;
    let ada = app.reader("ada").await;
    let pass = phone(&app, &ada).await;
    let rotated = app.beside(|settings| settings.session.previous_secrets = vec![before.to_owned()]);
    let rotated = rotated.await;
    assert!(works(&rotated, &pass.token).await);
    let next = refresh(&rotated, &pass).await.unwrap();
    assert_ne!(decoded(&pass.token, 0)["kid"], decoded(&next.token, 0)["kid"]);
    assert!(works(&rotated, &next.token).await);
}

/// The key that the core of these tests signs with.
fn signing_key() -> EncodingKey {
    signing_key_of(SESSION_SECRET)
}

fn signing_key_of(secret: &str) -> EncodingKey {
    let seed = derive(secret, "access tokens").unwrap();
    let pair = aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref())
}

fn decoded(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn merged(claims: &Value, changes: &Value) -> Value {
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
fn forged(head: &Value, claims: &Value, key: &EncodingKey) -> String {
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
            device: String::new(),
        }))
        .await;
    let of_the_desk = begun.unwrap().into_inner().pass.unwrap().token;
    let of_the_phone = phone(&app, &staff).await.token;

    for (gateway, good, of_another) in [
        (Client::Mobile, &of_the_phone, &of_the_desk),
        (Client::Desktop, &of_the_desk, &of_the_phone),
    ] {
        assert!(through(&app, gateway, good).await);
        let mut forgeries = forgeries_of(good);
        forgeries.push(("a token of another gateway", of_another.clone()));
        for (name, forgery) in forgeries {
            assert!(
                !through(&app, gateway, &forgery).await,
                "{gateway:?}: {name}: {forgery}"
            );
        }
    }
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

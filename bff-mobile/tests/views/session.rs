//! Signing in and out.

use proto::users::v1::{Account, CreateSessionResponse, Pass, Role};
use serde_json::json;
use test_kit::{
    fake_core::{CreateSession, DeleteSession, RefreshSession, moment},
    status,
};

use crate::harness::{ada, start};

fn pass() -> Pass {
    Pass {
        token: "new-token".to_owned(),
        token_expires_at: Some(moment(1_700_000_300)),
        refresh_token: "new-refresh-token".to_owned(),
        session_expires_at: Some(moment(1_800_000_000)),
    }
}

#[tokio::test]
async fn a_login_answers_with_the_token_and_no_more_than_the_app_shows() {
    let app = start().await;
    app.core.gives(
        CreateSession,
        CreateSessionResponse {
            account: Some(Account {
                user: Some(ada()),
                email: "ada@example.org".to_owned(),
                role: Role::Staff.into(),
            }),
            pass: Some(pass()),
            known_device: "this-device".to_owned(),
        },
    );

    let login = json!({
        "email": "ada@example.org", "password": "secret", "device": "Ada's phone", "knownDevice": "from before"
    });
    let answer = app.guest.post("/v1/auth/login", login).await;

    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "accessToken": "new-token",
      "accessTokenEndsAt": "2023-11-14T22:18:20.000Z",
      "knownDevice": "this-device",
      "refreshToken": "new-refresh-token",
      "sessionEndsAt": "2027-01-15T08:00:00.000Z",
      "user": {
        "image": "https://example.org/ada.png",
        "name": "Ada Lovelace",
        "username": "ada"
      }
    }
    "#);
    let call = app.core.call(CreateSession);
    assert_eq!(call.message.device, "Ada's phone");
    assert_eq!(call.message.known_device, "from before");
    assert_eq!(call.header("authorization"), "");
}

#[tokio::test]
async fn wrong_credentials_and_blank_ones_are_told_apart() {
    let app = start().await;
    let login = || json!({"email": "", "password": "wrong"});
    app.core
        .refuses(CreateSession, status::unauthenticated("CREDENTIALS_INVALID"));
    assert_eq!(
        app.guest.post("/v1/auth/login", login()).await.problem(),
        (401, "CREDENTIALS_INVALID")
    );

    app.core
        .refuses(CreateSession, status::invalid(&[("email", "can't be blank")]));
    let blank = app.guest.post("/v1/auth/login", login()).await;
    assert_eq!(blank.problem(), (422, "INVALID_INPUT"));
    assert_eq!(blank.errors(), ["email can't be blank"]);
}

#[tokio::test]
async fn a_login_of_the_wrong_shape_never_reaches_the_core() {
    let app = start().await;
    let answer = app
        .guest
        .post("/v1/auth/login", json!({"email": 7, "remember": true}))
        .await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    let mut errors = answer.errors();
    errors.sort();
    assert_eq!(
        errors,
        [
            "email has to be a string",
            "password is missing",
            "remember is unknown"
        ]
    );

    let broken = app
        .guest
        .post_bytes("/v1/auth/login", "application/json", "{\"email\":\"\u{e4}")
        .await;
    assert_eq!(broken.problem(), (400, "MALFORMED_BODY"));
    let form = app
        .guest
        .post_bytes("/v1/auth/login", "application/x-www-form-urlencoded", "email=a")
        .await;
    assert_eq!(form.problem(), (415, "UNSUPPORTED_MEDIA_TYPE"));
    let huge = app
        .guest
        .post(
            "/v1/auth/login",
            json!({"email": "a".repeat(100_000), "password": ""}),
        )
        .await;
    assert_eq!(huge.problem(), (413, "BODY_TOO_LARGE"));
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn a_logout_ends_the_session_of_its_token() {
    let app = start().await;
    app.core.gives(DeleteSession, ());
    assert_eq!(app.ada.post("/v1/auth/logout", json!({})).await.status, 204);
    assert_eq!(
        app.core.call(DeleteSession).header("authorization"),
        "Bearer ada-s-token"
    );

    assert_eq!(
        app.guest.post("/v1/auth/logout", json!({})).await.problem(),
        (401, "TOKEN_MISSING")
    );
}

#[tokio::test]
async fn a_refresh_answers_with_the_next_tokens() {
    let app = start().await;
    app.core.gives(RefreshSession, pass());
    let refresh = json!({"refreshToken": "old-refresh-token"});
    let answer = app.guest.post("/v1/auth/refresh", refresh).await;
    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "accessToken": "new-token",
      "accessTokenEndsAt": "2023-11-14T22:18:20.000Z",
      "refreshToken": "new-refresh-token",
      "sessionEndsAt": "2027-01-15T08:00:00.000Z"
    }
    "#);
    let call = app.core.call(RefreshSession);
    assert_eq!(call.message.refresh_token, "old-refresh-token");
}

#[tokio::test]
async fn a_refresh_token_that_is_of_no_use_is_told_so() {
    let app = start().await;
    app.core
        .refuses(RefreshSession, status::unauthenticated("TOKEN_INVALID"));
    let refresh = json!({"refreshToken": "stolen"});
    let answer = app.guest.post("/v1/auth/refresh", refresh).await;
    assert_eq!(answer.problem(), (401, "TOKEN_INVALID"));
}

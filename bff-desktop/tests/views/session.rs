//! Signing in and out.

use proto::users::v1::{CreateSessionResponse, Pass, Role};
use serde_json::json;
use test_kit::{
    fake_core::{CreateSession, DeleteSession, RefreshSession, moment},
    status,
};

use crate::harness::{account, start};

fn pass() -> Pass {
    Pass {
        token: "new-token".to_owned(),
        token_expires_at: Some(moment(1_700_000_300)),
        refresh_token: "new-refresh-token".to_owned(),
        session_expires_at: Some(moment(1_800_000_000)),
    }
}

#[tokio::test]
async fn a_login_answers_with_the_token_and_the_account() {
    let app = start().await;
    app.core.gives(
        CreateSession,
        CreateSessionResponse {
            account: Some(account(Role::Admin)),
            pass: Some(pass()),
            known_device: "this-device".to_owned(),
        },
    );

    let login = json!({"email": "ada@example.org", "password": "secret", "knownDevice": "from before"});
    let answer = app.guest.post("/v1/auth/login", login).await;

    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "accessToken": "new-token",
      "accessTokenEndsAt": "2023-11-14T22:18:20.000Z",
      "account": {
        "email": "ada@example.org",
        "id": 1,
        "name": "Ada Lovelace",
        "role": "admin",
        "username": "ada"
      },
      "knownDevice": "this-device",
      "refreshToken": "new-refresh-token",
      "sessionEndsAt": "2027-01-15T08:00:00.000Z"
    }
    "#);
    assert_eq!(app.core.call(CreateSession).message.known_device, "from before");
}

#[tokio::test]
async fn readers_and_wrong_passwords_are_refused_as_the_core_says() {
    let app = start().await;
    let login = || json!({"email": "a", "password": "b"});
    app.core.refuses(CreateSession, status::forbidden("session"));
    assert_eq!(
        app.guest.post("/v1/auth/login", login()).await.problem(),
        (403, "FORBIDDEN")
    );
    app.core
        .refuses(CreateSession, status::unauthenticated("CREDENTIALS_INVALID"));
    assert_eq!(
        app.guest.post("/v1/auth/login", login()).await.problem(),
        (401, "CREDENTIALS_INVALID")
    );
}

#[tokio::test]
async fn a_login_of_the_wrong_shape_never_reaches_the_core() {
    let app = start().await;
    let answer = app
        .guest
        .post("/v1/auth/login", json!({"email": null, "role": "admin"}))
        .await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    let mut errors = answer.errors();
    errors.sort();
    assert_eq!(
        errors,
        ["email can't be null", "password is missing", "role is unknown"]
    );
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

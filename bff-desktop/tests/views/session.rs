//! Signing in and out.

use proto::users::v1::{CreateSessionResponse, Role};
use serde_json::json;
use test_kit::{
    fake_core::{CreateSession, DeleteSession, moment},
    status,
};

use crate::harness::{account, start};

#[tokio::test]
async fn a_login_answers_with_the_token_and_the_account() {
    let app = start().await;
    app.core.gives(
        CreateSession,
        CreateSessionResponse {
            account: Some(account(Role::Admin)),
            token: "new-token".to_owned(),
            expires_at: Some(moment(1_800_000_000)),
        },
    );

    let login = json!({"email": "ada@example.org", "password": "secret"});
    let answer = app.guest.post("/v1/auth/login", login).await;

    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "account": {
        "email": "ada@example.org",
        "id": 1,
        "name": "Ada Lovelace",
        "role": "admin",
        "username": "ada"
      },
      "expiresAt": "2027-01-15T08:00:00.000Z",
      "token": "new-token"
    }
    "#);
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

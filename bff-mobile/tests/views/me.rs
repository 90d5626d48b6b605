//! Registering, and one's own account.

use proto::users::v1::UpdateAccountRequest;
use serde_json::json;
use test_kit::{
    fake_core::{GetAccount, Register, UpdateAccount},
    status,
};

use crate::harness::{account, start};

#[tokio::test]
async fn shows_ones_own_account_and_no_more_than_the_app_shows() {
    let app = start().await;
    app.core.gives(GetAccount, account());

    insta::assert_json_snapshot!(app.ada.get("/v1/me").await.ok(), @r#"
    {
      "bio": "Only for profiles.",
      "email": "ada@example.org",
      "image": "https://example.org/ada.png",
      "name": "Ada Lovelace",
      "username": "ada"
    }
    "#);
    assert_eq!(
        app.core.call(GetAccount).header("authorization"),
        "Bearer ada-s-token"
    );
}

#[tokio::test]
async fn without_the_account_there_is_no_screen() {
    let app = start().await;
    assert_eq!(app.ada.get("/v1/me").await.problem(), (503, "UNAVAILABLE"));
    app.core
        .refuses(GetAccount, status::unauthenticated("TOKEN_INVALID"));
    assert_eq!(app.ada.get("/v1/me").await.problem(), (401, "TOKEN_INVALID"));
}

#[tokio::test]
async fn a_change_names_only_what_was_sent_and_null_clears() {
    let app = start().await;
    app.core.gives(UpdateAccount, account());

    let patch = json!({"name": "Ada", "bio": null, "image": "https://example.org/new.png"});
    let answer = app.ada.patch("/v1/me", patch).await;

    assert_eq!(answer.ok()["username"], "ada");
    let mut asked = app.core.call(UpdateAccount).message;
    let mask = asked.update_mask.take().unwrap_or_default();
    assert_eq!(mask.paths, ["name", "bio", "image"]);
    let expected = UpdateAccountRequest {
        name: "Ada".to_owned(),
        image: "https://example.org/new.png".to_owned(),
        ..Default::default()
    };
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_change_of_nothing_or_to_nothing_never_reaches_the_core() {
    let app = start().await;
    let nothing = app.ada.patch("/v1/me", json!({})).await;
    assert_eq!(nothing.errors(), [" names nothing to change"]);
    let nulls = json!({"username": null, "email": null, "password": null, "name": null});
    let nulls = app.ada.patch("/v1/me", nulls).await;
    assert_eq!(nulls.problem(), (422, "INVALID_INPUT"));
    assert_eq!(nulls.errors().len(), 4);
    assert_eq!(app.core.call_count(), 0);
}

#[tokio::test]
async fn whoever_registers_gets_their_account() {
    let app = start().await;
    app.core.gives(Register, account());

    let new = json!({"username": "ada", "email": "ada@example.org", "password": "correct horse"});
    let answer = app.guest.post("/v1/users", new).await;

    assert_eq!((answer.status, &answer.body["username"]), (201, &json!("ada")));
    let asked = app.core.call(Register).message;
    assert_eq!(
        (&*asked.username, &*asked.email, &*asked.password, &*asked.name),
        ("ada", "ada@example.org", "correct horse", "")
    );
}

#[tokio::test]
async fn whoever_cannot_register_is_told_everything_that_is_wrong() {
    let app = start().await;
    let shape = app.guest.post("/v1/users", json!({"role": "admin"})).await;
    let mut errors = shape.errors();
    errors.sort();
    let expected = [
        "email is missing",
        "password is missing",
        "role is unknown",
        "username is missing",
    ];
    assert_eq!(errors, expected);
    assert_eq!(app.core.call_count(), 0);

    app.core.refuses(Register, status::taken("email"));
    let new = json!({"username": "ada", "email": "ada@example.org", "password": "correct horse"});
    let taken = app.guest.post("/v1/users", new).await;
    assert_eq!(taken.problem(), (409, "TAKEN"));
    assert_eq!(taken.errors(), ["email has already been taken"]);
}

//! Signing in, being known, signing out.

use core_service::models::session::Client;
use core_service::settings::Settings;
use proto::users::v1::{CreateSessionRequest, DeleteSessionRequest, GetAccountRequest};
use tonic::Code;

use crate::app::{Actor, App, PASSWORD, refusal};

fn at_the_desk(email: &str) -> CreateSessionRequest {
    CreateSessionRequest {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        device: String::new(),
    }
}

#[tokio::test]
async fn signs_in_with_the_address_in_any_case() {
    let app = App::start().await;
    app.reader("ada").await;
    assert!(app.sign_in("ADA@Example.com", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn answers_an_unknown_user_and_a_wrong_password_alike() {
    let app = App::start().await;
    app.reader("ada").await;
    let unknown = app.sign_in("nobody@example.com", PASSWORD).await.unwrap_err();
    let wrong = app.sign_in("ada@example.com", "wrong horse").await.unwrap_err();
    assert_eq!(unknown.code(), Code::Unauthenticated);
    assert_eq!(
        (unknown.code(), unknown.message(), unknown.details()),
        (wrong.code(), wrong.message(), wrong.details())
    );
}

#[tokio::test]
async fn a_token_is_of_no_use_after_signing_out() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.sessions()
        .delete_session(ada.asks(DeleteSessionRequest {}))
        .await
        .unwrap();
    let refused = refusal(app.users().get_account(ada.asks(GetAccountRequest {})).await);
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (Code::Unauthenticated, "TOKEN_INVALID")
    );
}

#[tokio::test]
async fn signing_out_on_one_device_leaves_the_other_signed_in() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let phone = app.sign_in("ada@example.com", PASSWORD).await.unwrap();
    app.sessions()
        .delete_session(ada.asks(DeleteSessionRequest {}))
        .await
        .unwrap();
    let on_the_phone = crate::app::Actor {
        token: Some(phone),
        ..ada
    };
    assert!(
        app.users()
            .get_account(on_the_phone.asks(GetAccountRequest {}))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let app = App::start_with(|settings| settings.session.lifetime = "0s".parse().unwrap()).await;
    let ada = app.reader("ada").await;
    let refused = refusal(app.users().get_account(ada.asks(GetAccountRequest {})).await);
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (Code::Unauthenticated, "TOKEN_INVALID")
    );
}

#[tokio::test]
async fn only_staff_sign_in_at_the_desk() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let desk = Actor::guest_of(Client::Desktop);
    let refused = refusal(
        app.sessions()
            .create_session(desk.asks(at_the_desk(&ada.email)))
            .await,
    );
    assert_eq!(
        refused,
        (
            Code::PermissionDenied,
            "FORBIDDEN".to_owned(),
            vec![("session".to_owned(), String::new())]
        )
    );
    assert!(
        app.sessions()
            .create_session(desk.asks(at_the_desk(&tim.email)))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_hash_of_an_older_cost_is_replaced_when_its_owner_signs_in() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let mut settings = Settings::load(None).unwrap();
    settings.password.memory_kib = 128;
    settings.session.secret = "a secret of thirty-two characters".to_owned();
    let stronger = core_service::services::Services::new(&app.db, &settings).unwrap();
    let sign_in = core_service::validators::users::SignIn::parse(
        ada.email.clone(),
        core_service::validators::users::Password(PASSWORD.to_owned()),
        core_service::models::session::Client::Web,
        String::new(),
    );
    stronger.sessions.sign_in(sign_in.unwrap()).await.unwrap();
    let account = core_service::repositories::users::find_own(app.db.read(), ada.id)
        .await
        .unwrap()
        .unwrap();
    assert!(
        account.password_hash.contains("m=128"),
        "{}",
        account.password_hash
    );
    assert!(app.sign_in(&ada.email, PASSWORD).await.is_ok());
}

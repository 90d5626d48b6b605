//! Signing in, being known, signing out.

use std::num::NonZeroU32;

use core_service::models::session::Client;
use core_service::settings::Settings;
use proto::users::v1::{
    CreateSessionRequest, DeleteSessionRequest, GetAccountRequest, ListSessionsRequest,
    RevokeOtherSessionsRequest, RevokeSessionRequest, UpdateAccountRequest,
};
use tonic::Code;
use tonic_types::StatusExt;

use crate::app::{Actor, App, PASSWORD, mask, refusal};

fn at_the_desk(email: &str) -> CreateSessionRequest {
    CreateSessionRequest {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        ..CreateSessionRequest::default()
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
    let app = App::start_with(|settings| settings.session.web_lifetime = "0s".parse().unwrap()).await;
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
        String::new(),
        None,
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

#[tokio::test]
async fn lists_the_sessions_that_go_on_and_ends_one_or_all_others() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let (phone, tablet) = (
        app.sign_in_through(Client::Mobile, &ada.email, PASSWORD)
            .await
            .unwrap(),
        app.sign_in_through(Client::Mobile, &ada.email, PASSWORD)
            .await
            .unwrap(),
    );
    let on_the_phone = Actor {
        through: Client::Mobile,
        token: Some(phone),
        ..ada.clone()
    };
    let on_the_tablet = Actor {
        token: Some(tablet),
        ..on_the_phone.clone()
    };
    let sessions = async |actor: &Actor| {
        let request = actor.asks(ListSessionsRequest {});
        app.sessions().list_sessions(request).await
    };
    let list = sessions(&ada).await.unwrap().into_inner().sessions;
    assert_eq!(list.len(), 3);
    assert_eq!(list.iter().filter(|session| session.current).count(), 1);

    let own = sessions(&on_the_tablet).await.unwrap().into_inner().sessions;
    let tablet = own.iter().find(|session| session.current).unwrap().id;
    let revoke = RevokeSessionRequest { id: tablet };
    app.sessions().revoke_session(ada.asks(revoke)).await.unwrap();
    assert!(sessions(&on_the_tablet).await.is_err());

    app.sessions()
        .revoke_other_sessions(ada.asks(RevokeOtherSessionsRequest {}))
        .await
        .unwrap();
    assert!(sessions(&on_the_phone).await.is_err());
    assert_eq!(sessions(&ada).await.unwrap().into_inner().sessions.len(), 1);
}

#[tokio::test]
async fn somebody_elses_session_and_one_that_is_none_are_the_same() {
    let app = App::start().await;
    let (ada, eve) = (app.reader("ada").await, app.reader("eve").await);
    let list = app
        .sessions()
        .list_sessions(eve.asks(ListSessionsRequest {}))
        .await;
    let of_eve = list.unwrap().into_inner().sessions[0].id;
    let revoke = async |id| {
        let request = ada.asks(RevokeSessionRequest { id });
        refusal(app.sessions().revoke_session(request).await)
    };
    assert_eq!(revoke(of_eve).await, revoke(999_999).await);
    assert_eq!(revoke(of_eve).await.0, Code::NotFound);
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let elsewhere = app.sign_in(&ada.email, PASSWORD).await.unwrap();
    let change = UpdateAccountRequest {
        password: "another horse".to_owned(),
        update_mask: mask(&["password"]),
        ..Default::default()
    };
    app.users().update_account(ada.asks(change)).await.unwrap();
    let elsewhere = Actor {
        token: Some(elsewhere),
        ..ada.clone()
    };
    let account = async |actor: &Actor| app.users().get_account(actor.asks(GetAccountRequest {})).await;
    assert!(account(&ada).await.is_ok());
    assert_eq!(refusal(account(&elsewhere).await).0, Code::Unauthenticated);
}

#[tokio::test]
async fn a_browser_that_asks_for_nothing_is_signed_out() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    app.database
        .execute("UPDATE sessions SET used_at = '2020-01-01T00:00:00+00:00'")
        .await;
    let refused = refusal(app.users().get_account(ada.asks(GetAccountRequest {})).await);
    assert_eq!(
        (refused.0, refused.1.as_str()),
        (Code::Unauthenticated, "TOKEN_INVALID")
    );
}

#[tokio::test]
async fn tries_are_counted_for_an_account_whether_there_is_one_or_not() {
    let three = NonZeroU32::new(3).unwrap();
    let app = App::start_with(|settings| settings.session.tries_per_account = three).await;
    app.reader("ada").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut codes = Vec::new();
        for _ in 0..5 {
            codes.push(app.sign_in(email, "wrong horse").await.unwrap_err().code());
        }
        let refused = codes
            .iter()
            .filter(|code| **code == Code::ResourceExhausted)
            .count();
        // Ada has signed in once already.
        assert_eq!(
            refused,
            if email.starts_with("ada") { 3 } else { 2 },
            "{email}: {codes:?}"
        );
    }
}

#[tokio::test]
async fn tries_are_counted_in_all() {
    let three = NonZeroU32::new(3).unwrap();
    let app = App::start_with(|settings| settings.session.tries_in_all = three).await;
    let mut codes = Vec::new();
    for number in 0..5 {
        let email = format!("nobody{number}@example.com");
        codes.push(app.sign_in(&email, "wrong horse").await.unwrap_err().code());
    }
    let refused = Code::ResourceExhausted;
    assert_eq!(codes[..3], [Code::Unauthenticated; 3]);
    assert_eq!(codes[3..], [refused; 2]);
}

#[tokio::test]
async fn tries_are_counted_for_an_address() {
    let three = NonZeroU32::new(3).unwrap();
    let app = App::start_with(|settings| settings.session.tries_per_address = three).await;
    let from = async |address: &str, number: usize| {
        let mut request = tonic::Request::new(CreateSessionRequest {
            email: format!("nobody{number}@example.com"),
            password: "wrong horse".to_owned(),
            ..CreateSessionRequest::default()
        });
        request
            .metadata_mut()
            .insert("x-client-address", address.parse().unwrap());
        app.sessions().create_session(request).await.unwrap_err()
    };
    for number in 0..3 {
        assert_eq!(from("2001:db8::1", number).await.code(), Code::Unauthenticated);
    }
    let refused = from("2001:db8::ffff", 4).await;
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.get_error_details().retry_info().is_some());
    assert_eq!(from("192.0.2.1", 5).await.code(), Code::Unauthenticated);
}

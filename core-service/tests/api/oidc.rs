//! Signing in with an OpenID provider: a certified one, that the test starts and signs in at as a browser would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_service::models::session::Client;
use core_service::settings::Settings;
use proto::users::v1::{
    Account, BeginFederatedSessionRequest, CompleteFederatedSessionRequest, CreateSessionResponse,
    GetAccountRequest, Role,
};
use reqwest::Url;
use serde_json::json;
use sha2::{Digest, Sha256};
use test_kit::openid_provider::{self, OpenIdProvider};
use tonic::{Code, Response, Status};

use crate::app::{Actor, App, PASSWORD, refusal};

/// Where the provider sends the web's browsers back to; nobody has to be there.
pub const WEB_CALLBACK: &str = "https://shop.example/api/session/oidc/callback";
/// Where a desktop's; neither here.
pub const DESK_CALLBACK: &str = "http://127.0.0.1:49152/callback";
/// What whoever begins keeps for themselves.
pub const VERIFIER: &str = "what-only-whoever-began-to-sign-in-can-know";

pub async fn provider() -> OpenIdProvider {
    let web = openid_provider::App {
        client_id: "web",
        secret: Some("a secret / with signs"),
        redirect_uri: WEB_CALLBACK,
    };
    let desk = openid_provider::App {
        client_id: "desk",
        secret: None,
        redirect_uri: "http://127.0.0.1/callback",
    };
    let people = json!({
        "ada": {"email": "ada@example.com", "email_verified": true, "name": "Ada", "preferred_username": "ada"},
        "tim": {"email": "tim@example.com", "email_verified": true},
        "eve": {"email": "tim@example.com", "email_verified": false},
        "ghost": {},
    });
    OpenIdProvider::start(&[web, desk], people).await
}

/// Settings of a core that knows this provider.
pub fn trusting(issuer: &str) -> impl FnOnce(&mut Settings) {
    let issuer = issuer.to_owned();
    move |settings| {
        settings.oidc.issuer = issuer;
        settings.oidc.timeout = "10s".parse().unwrap();
        settings.oidc.web.client_id = "web".to_owned();
        settings.oidc.web.client_secret = "a secret / with signs".to_owned();
        settings.oidc.web.redirect_uri = WEB_CALLBACK.to_owned();
        settings.oidc.desktop.client_id = "desk".to_owned();
    }
}

pub async fn linking(provider: &OpenIdProvider) -> App {
    let trusting = trusting(&provider.issuer);
    App::start_with(|settings| {
        trusting(settings);
        settings.oidc.link_by_email = true;
    })
    .await
}

/// A sign-in that has begun.
pub struct Begun {
    pub url: String,
    pub flow: String,
}

pub async fn begin(app: &App, gateway: Client) -> Result<Begun, Status> {
    let redirect_uri = match gateway {
        Client::Desktop => DESK_CALLBACK,
        Client::Web | Client::Mobile => "",
    };
    begin_towards(app, gateway, redirect_uri).await
}

pub async fn begin_towards(app: &App, gateway: Client, redirect_uri: &str) -> Result<Begun, Status> {
    let request = BeginFederatedSessionRequest {
        redirect_uri: redirect_uri.to_owned(),
        code_challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)),
    };
    let request = Actor::guest_of(gateway).asks(request);
    let begun = app
        .sessions()
        .begin_federated_session(request)
        .await?
        .into_inner();
    Ok(Begun {
        url: begun.authorization_url,
        flow: begun.flow,
    })
}

impl Begun {
    /// What the provider sends back once this person has signed in there.
    pub async fn signed_in(&self, name: &str) -> CompleteFederatedSessionRequest {
        let back = openid_provider::sign_in(&self.url, name).await;
        let parameter = |name: &str| {
            let found = back.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        CompleteFederatedSessionRequest {
            flow: self.flow.clone(),
            code: parameter("code"),
            state: parameter("state"),
            iss: parameter("iss"),
            code_verifier: VERIFIER.to_owned(),
            device: "a test".to_owned(),
        }
    }

    /// A parameter of the page that the browser is sent to.
    pub fn parameter(&self, name: &str) -> String {
        let url = Url::parse(&self.url).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

pub async fn complete(
    app: &App,
    gateway: Client,
    request: CompleteFederatedSessionRequest,
) -> Result<CreateSessionResponse, Status> {
    let request = Actor::guest_of(gateway).asks(request);
    Ok(app
        .sessions()
        .complete_federated_session(request)
        .await?
        .into_inner())
}

/// All of it, as somebody does who means no harm.
pub async fn sign_in(app: &App, gateway: Client, name: &str) -> Result<CreateSessionResponse, Status> {
    let begun = begin(app, gateway).await?;
    complete(app, gateway, begun.signed_in(name).await).await
}

/// Whose account a session is for, told by the session itself.
async fn account(app: &App, gateway: Client, session: &CreateSessionResponse) -> Account {
    let actor = Actor {
        token: Some(session.pass.clone().unwrap().token),
        ..Actor::guest_of(gateway)
    };
    let answer = app.users().get_account(actor.asks(GetAccountRequest {})).await;
    answer.unwrap().into_inner()
}

pub fn code_and_reason<T>(answer: Result<T, Status>) -> (Code, String) {
    let (code, reason, _) = refusal(answer.map(Response::new));
    (code, reason)
}

pub fn refused() -> (Code, String) {
    (Code::Unauthenticated, "OIDC_REFUSED".to_owned())
}

#[tokio::test]
async fn a_newcomer_gets_an_account_and_comes_back_to_it() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    let first = sign_in(&app, Client::Web, "ada").await.unwrap();
    let ada = account(&app, Client::Web, &first).await;
    assert_eq!(
        (ada.email.as_str(), ada.role()),
        ("ada@example.com", Role::Reader)
    );
    let user = ada.user.clone().unwrap();
    assert_eq!((user.username.as_str(), user.name.as_str()), ("ada", "Ada"));

    let again = sign_in(&app, Client::Web, "ada").await.unwrap();
    assert_eq!(account(&app, Client::Web, &again).await, ada);
    assert_ne!(first.pass.unwrap().token, again.pass.unwrap().token);
}

#[tokio::test]
async fn whoever_came_from_the_provider_has_no_password() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    sign_in(&app, Client::Web, "ada").await.unwrap();
    let nobody = app.sign_in("nobody@example.com", PASSWORD).await.unwrap_err();
    for password in ["any", "nobody has this password"] {
        let refused = app.sign_in("ada@example.com", password).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unauthenticated);
        assert_eq!(
            (refused.message(), refused.details()),
            (nobody.message(), nobody.details())
        );
    }
}

#[tokio::test]
async fn a_name_that_somebody_has_gets_a_number() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    let taken = app.reader("Ada").await;
    app.database
        .execute("UPDATE users SET email = 'other@example.com', email_key = 'other@example.com'")
        .await;
    let session = sign_in(&app, Client::Web, "ada").await.unwrap();
    let user = account(&app, Client::Web, &session).await.user.unwrap();
    let number = user.username.strip_prefix("ada-").unwrap();
    assert!(number.parse::<u32>().is_ok(), "{number}");
    assert_ne!(user.id, taken.id);
}

#[tokio::test]
async fn an_account_with_the_same_address_stays_its_owners() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    app.reader("ada").await;
    let refused = refusal(sign_in(&app, Client::Web, "ada").await.map(Response::new));
    let taken = ("email".to_owned(), "has already been taken".to_owned());
    assert_eq!(refused, (Code::AlreadyExists, "TAKEN".to_owned(), vec![taken]));
}

#[tokio::test]
async fn where_the_shop_says_so_a_verified_address_leads_to_its_account() {
    let provider = provider().await;
    let app = linking(&provider).await;
    let tim = app.staff("tim").await;
    let session = sign_in(&app, Client::Desktop, "tim").await.unwrap();
    let found = account(&app, Client::Desktop, &session).await;
    assert_eq!(found.user.unwrap().id, tim.id);
    // The password goes on working, and the address may change: the provider's name for him is what counts.
    assert!(app.sign_in(&tim.email, PASSWORD).await.is_ok());
    app.database
        .execute("UPDATE users SET email = 'new@example.com', email_key = 'new@example.com'")
        .await;
    assert!(sign_in(&app, Client::Desktop, "tim").await.is_ok());
}

#[tokio::test]
async fn an_address_that_nobody_verified_leads_nowhere() {
    let provider = provider().await;
    let app = linking(&provider).await;
    app.staff("tim").await;
    let at_the_desk = code_and_reason(sign_in(&app, Client::Desktop, "eve").await);
    assert_eq!(at_the_desk, (Code::PermissionDenied, "FORBIDDEN".to_owned()));
    let on_the_web = code_and_reason(sign_in(&app, Client::Web, "eve").await);
    assert_eq!(on_the_web, (Code::AlreadyExists, "TAKEN".to_owned()));
}

#[tokio::test]
async fn somebody_without_an_address_gets_no_account() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    let (code, _, fields) = refusal(sign_in(&app, Client::Web, "ghost").await.map(Response::new));
    assert_eq!((code, fields[0].0.as_str()), (Code::InvalidArgument, "email"));
}

#[tokio::test]
async fn only_staff_come_in_at_the_desk_and_nobody_becomes_somebody_there() {
    let provider = provider().await;
    let app = linking(&provider).await;
    let forbidden = (Code::PermissionDenied, "FORBIDDEN".to_owned());
    let unknown = sign_in(&app, Client::Desktop, "ada").await;
    assert_eq!(code_and_reason(unknown), forbidden);
    sign_in(&app, Client::Web, "ada").await.unwrap();
    let reader = sign_in(&app, Client::Desktop, "ada").await;
    assert_eq!(code_and_reason(reader), forbidden);
}

#[tokio::test]
async fn an_account_that_was_taken_away_stays_away() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    sign_in(&app, Client::Web, "ada").await.unwrap();
    app.database
        .execute("UPDATE users SET deleted_at = created_at")
        .await;
    assert_eq!(
        code_and_reason(sign_in(&app, Client::Web, "ada").await),
        refused()
    );
}

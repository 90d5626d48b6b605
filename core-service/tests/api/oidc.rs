//! Signing in with an OpenID provider: a certified one, that the test starts and signs in at as a browser would.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_service::models::session::Client;
use core_service::services::secrets::derive;
use core_service::settings::Settings;
use hmac::{Hmac, KeyInit, Mac};
use proto::users::v1::{
    Account, BeginFederatedSessionRequest, CompleteFederatedSessionRequest, CreateSessionResponse,
    GetAccountRequest, GetSignInMethodsRequest, Role,
};
use reqwest::Url;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_kit::openid_provider::{self, OpenIdProvider};
use tonic::{Code, Response, Status};

use crate::app::{Actor, App, PASSWORD, SESSION_SECRET, refusal};

/// Where the provider sends the web's browsers back to; nobody has to be there.
const WEB_CALLBACK: &str = "https://shop.example/api/session/oidc/callback";
/// Where a desktop's; neither here.
const DESK_CALLBACK: &str = "http://127.0.0.1:49152/callback";
/// What whoever begins keeps for themselves.
const VERIFIER: &str = "what-only-whoever-began-to-sign-in-can-know";

async fn provider() -> OpenIdProvider {
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

async fn linking(provider: &OpenIdProvider) -> App {
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

async fn begin_towards(app: &App, gateway: Client, redirect_uri: &str) -> Result<Begun, Status> {
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
    async fn signed_in(&self, name: &str) -> CompleteFederatedSessionRequest {
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
async fn sign_in(app: &App, gateway: Client, name: &str) -> Result<CreateSessionResponse, Status> {
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

#[tokio::test]
async fn what_does_not_belong_together_is_refused_and_the_true_answer_still_works() {
    let provider = provider().await;
    let app = linking(&provider).await;
    app.staff("tim").await;
    let (begun, other) = (
        begin(&app, Client::Desktop).await.unwrap(),
        begin(&app, Client::Desktop).await.unwrap(),
    );
    let through_the_web = begin(&app, Client::Web).await.unwrap();
    let back = begun.signed_in("tim").await;
    let with = |change: fn(&mut CompleteFederatedSessionRequest, &Begun), of: &Begun| {
        let mut request = back.clone();
        change(&mut request, of);
        request
    };
    for (what, request) in [
        (
            "no state of ours",
            with(|r, _| r.state = "made-up".to_owned(), &other),
        ),
        ("another flow", with(|r, of| r.flow.clone_from(&of.flow), &other)),
        (
            "a flow of the web",
            with(|r, of| r.flow.clone_from(&of.flow), &through_the_web),
        ),
        (
            "no flow of ours",
            with(|r, _| r.flow = "e30.e30".to_owned(), &other),
        ),
        (
            "another verifier",
            with(|r, _| r.code_verifier = VERIFIER.to_uppercase(), &other),
        ),
        (
            "another issuer",
            with(|r, _| r.iss = "https://evil.example".to_owned(), &other),
        ),
        (
            "no issuer, where the provider names itself",
            with(|r, _| r.iss.clear(), &other),
        ),
    ] {
        let answer = complete(&app, Client::Desktop, request).await;
        assert_eq!(code_and_reason(answer), refused(), "{what}");
    }
    let at_the_web = complete(&app, Client::Web, back.clone()).await;
    assert_eq!(code_and_reason(at_the_web), refused());
    assert!(complete(&app, Client::Desktop, back).await.is_ok());

    // A code that was made for another flow: the state fits, the nonce does not.
    let mut injected = other.signed_in("tim").await;
    injected.flow.clone_from(&begun.flow);
    injected.state = begun.parameter("state");
    assert_eq!(
        code_and_reason(complete(&app, Client::Desktop, injected).await),
        refused()
    );
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    let begun = begin(&app, Client::Web).await.unwrap();
    let back = begun.signed_in("ada").await;
    assert!(complete(&app, Client::Web, back.clone()).await.is_ok());
    // The same code again.
    assert_eq!(
        code_and_reason(complete(&app, Client::Web, back).await),
        refused()
    );
    // The same flow with a new code.
    let second = begun.signed_in("ada").await;
    assert_eq!(
        code_and_reason(complete(&app, Client::Web, second).await),
        refused()
    );
}

#[tokio::test]
async fn a_flow_ends_by_itself() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    let begun = begin(&app, Client::Web).await.unwrap();
    let mut back = begun.signed_in("ada").await;
    let (fresh, ended) = (resealed(&begun.flow, 60), resealed(&begun.flow, -1));
    back.flow = ended;
    assert_eq!(
        code_and_reason(complete(&app, Client::Web, back.clone()).await),
        refused()
    );
    // Sealed in the same way, and of the same content but for its end.
    back.flow = fresh;
    assert!(complete(&app, Client::Web, back).await.is_ok());
}

/// The same flow with another end, sealed as the core seals.
fn resealed(flow: &str, ends_in_seconds: i64) -> String {
    let said = URL_SAFE_NO_PAD.decode(flow.split('.').next().unwrap()).unwrap();
    let mut said: Value = serde_json::from_slice(&said).unwrap();
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    said["ends_at"] = (now + ends_in_seconds).into();
    let said = said.to_string();
    let key = derive(SESSION_SECRET, "sign-ins under way").unwrap();
    let seal = Hmac::<Sha256>::new_from_slice(&key)
        .unwrap()
        .chain_update(&said)
        .finalize();
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(said),
        URL_SAFE_NO_PAD.encode(seal.into_bytes())
    )
}

#[tokio::test]
async fn browsers_are_sent_back_nowhere_else() {
    let provider = provider().await;
    let app = App::start_with(trusting(&provider.issuer)).await;
    for (gateway, redirect_uri) in [
        (Client::Desktop, ""),
        (Client::Desktop, "https://evil.example/"),
        (Client::Desktop, "http://localhost:8000/"),
        (Client::Desktop, WEB_CALLBACK),
        (Client::Web, DESK_CALLBACK),
        (Client::Web, "https://evil.example/"),
    ] {
        let answer = begin_towards(&app, gateway, redirect_uri)
            .await
            .map(|_| Response::new(()));
        let (code, _, fields) = refusal(answer);
        assert_eq!(
            (code, fields[0].0.as_str()),
            (Code::InvalidArgument, "redirect_uri"),
            "{redirect_uri}"
        );
    }
}

#[tokio::test]
async fn a_core_that_knows_no_provider_says_so() {
    let bare = App::start().await;
    let on_the_web_only = App::start_with(|settings| {
        trusting("https://provider.example")(settings);
        settings.oidc.desktop.client_id.clear();
    })
    .await;
    let is_offered = async |app: &App, gateway| {
        let request = Actor::guest_of(gateway).asks(GetSignInMethodsRequest {});
        let methods = app.sessions().get_sign_in_methods(request).await;
        methods.unwrap().into_inner().federated
    };
    for (app, gateway) in [
        (&bare, Client::Web),
        (&bare, Client::Desktop),
        (&on_the_web_only, Client::Desktop),
    ] {
        assert!(!is_offered(app, gateway).await);
        let refused = code_and_reason(begin(app, gateway).await.map(drop));
        assert_eq!(refused, (Code::NotFound, "OIDC_NOT_CONFIGURED".to_owned()));
    }
    assert!(is_offered(&on_the_web_only, Client::Web).await);
}

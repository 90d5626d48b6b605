//! Signing in with an OpenID provider: what does not belong together, comes twice, or comes too late.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_service::models::session::Client;
use core_service::services::secrets::derive;
use hmac::{Hmac, KeyInit, Mac};
use proto::users::v1::{CompleteFederatedSessionRequest, GetSignInMethodsRequest};
use serde_json::Value;
use sha2::Sha256;
use tonic::{Code, Response};

use crate::app::{Actor, App, SESSION_SECRET, refusal};
use crate::oidc::{
    Begun, DESK_CALLBACK, VERIFIER, WEB_CALLBACK, begin, begin_towards, code_and_reason, complete, linking,
    provider, refused, trusting,
};

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

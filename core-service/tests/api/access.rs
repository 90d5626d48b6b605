//! Who may call what: every method, through every gateway, by everybody.

use std::collections::{BTreeSet, HashMap};

use core_service::grpc::access::{METHODS, Who};
use core_service::models::session::Client;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::app::{Actor, App, PASSWORD, refusal};

const ROLES: [&str; 3] = ["guest", "reader", "staff"];
const GATEWAYS: [Client; 3] = [Client::Web, Client::Mobile, Client::Desktop];

/// Calls a method by its name, with an empty message.
async fn call(app: &App, method: &str, request: Request<()>) -> Result<(), Status> {
    let mut client = Grpc::new(app.channel.clone());
    client.ready().await.unwrap();
    let path = PathAndQuery::try_from(format!("/{method}")).unwrap();
    let codec = ProstCodec::<(), ()>::default();
    // A refusal comes instead of the first message, so this serves streams as well.
    client.server_streaming(request, path, codec).await.map(|_| ())
}

/// What the table makes of a call: nothing, or the refusal. What the method itself makes of an empty message is
/// another matter.
async fn held_back(app: &App, method: &str, request: Request<()>) -> Option<&'static str> {
    let answer = call(app, method, request).await.map(tonic::Response::new);
    let Err(status) = &answer else { return None };
    let code = status.code();
    let (_, reason, about) = refusal(answer);
    match (code, reason.as_str()) {
        (Code::Unauthenticated, "TOKEN_MISSING") => Some("TOKEN_MISSING"),
        (Code::PermissionDenied, "FORBIDDEN") if about.is_empty() => Some("FORBIDDEN"),
        (Code::FailedPrecondition, "GATEWAY_UNKNOWN") => Some("GATEWAY_UNKNOWN"),
        _ => None,
    }
}

#[test]
fn every_method_of_the_contract_has_its_row_and_no_row_is_left_over() {
    let contract = FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap();
    let mut methods = BTreeSet::new();
    for file in &contract.file {
        for service in &file.service {
            for method in &service.method {
                methods.insert(format!("{}.{}/{}", file.package(), service.name(), method.name()));
            }
        }
    }
    let rows = METHODS.iter().map(|(method, _)| (*method).to_owned());
    let rows: BTreeSet<_> = rows.filter(|method| !method.starts_with("grpc.")).collect();
    assert_eq!(rows, methods);
    assert_eq!(
        METHODS.len(),
        METHODS
            .iter()
            .map(|(method, _)| method)
            .collect::<BTreeSet<_>>()
            .len()
    );
}

#[tokio::test]
async fn the_table_holds_for_every_method_gateway_and_caller() {
    let app = App::start().await;
    let (reader, staff) = (app.reader("ada").await, app.staff("tim").await);
    let former = former_staff(&app).await;
    let mut sessions = HashMap::new();
    for (gateway, role) in GATEWAYS
        .into_iter()
        .flat_map(|gateway| ROLES.map(|role| (gateway, role)))
    {
        let actor = match (role, gateway) {
            ("guest", _) => Actor::guest_of(gateway),
            ("reader", Client::Desktop) => former.clone(),
            ("reader", _) => through(&app, &reader, gateway).await,
            _ => through(&app, &staff, gateway).await,
        };
        sessions.insert((gateway as u8, role), actor);
    }
    let mut deviations = Vec::new();
    for (method, who) in METHODS {
        // These would end the sessions that the other cells need.
        if method.ends_with("/DeleteSession") || method.ends_with("/RevokeOtherSessions") {
            continue;
        }
        for (gateway, who) in GATEWAYS.into_iter().zip(who) {
            for role in ROLES {
                let actor = &sessions[&(gateway as u8, role)];
                let expected = match (who, role) {
                    (Who::Nobody, _) | (Who::Staff, "reader") => Some("FORBIDDEN"),
                    (Who::SignedIn | Who::Staff, "guest") => Some("TOKEN_MISSING"),
                    _ => None,
                };
                let found = held_back(&app, method, actor.asks(())).await;
                if found != expected {
                    deviations.push(format!(
                        "{method} {gateway:?} {role}: {found:?}, not {expected:?}"
                    ));
                }
            }
        }
    }
    assert!(deviations.is_empty(), "{deviations:#?}");
}

/// The same person, signed in through another gateway.
pub async fn through(app: &App, actor: &Actor, gateway: Client) -> Actor {
    let token = app
        .sign_in_through(gateway, &actor.email, PASSWORD)
        .await
        .unwrap();
    Actor {
        through: gateway,
        token: Some(token),
        ..actor.clone()
    }
}

/// A reader with a session at the desk, where readers cannot sign in: one who was of the staff before.
async fn former_staff(app: &App) -> Actor {
    let former = app.staff("former").await;
    app.database
        .execute("UPDATE users SET role = 'reader' WHERE username = 'former'")
        .await;
    former
}

#[tokio::test]
async fn a_method_that_is_not_in_the_table_is_refused() {
    let app = App::start().await;
    let unknown = "triptych.books.v1.BookService/BurnBooks";
    let staff = app.staff("tim").await;
    assert_eq!(held_back(&app, unknown, staff.asks(())).await, Some("FORBIDDEN"));
}

#[tokio::test]
async fn whoever_is_no_gateway_gets_nothing_not_even_with_a_good_token() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for secret in [
        None,
        Some(""),
        Some("what bff-web of these tests shows to the cors"),
    ] {
        for (method, _) in METHODS {
            let mut request = ada.asks(());
            request.metadata_mut().remove("x-gateway-secret");
            if let Some(secret) = secret {
                request
                    .metadata_mut()
                    .insert("x-gateway-secret", secret.parse().unwrap());
            }
            let found = held_back(&app, method, request).await;
            assert_eq!(found, Some("GATEWAY_UNKNOWN"), "{method} with {secret:?}");
        }
    }
}

#[tokio::test]
async fn a_session_is_of_no_use_through_another_gateway() {
    let app = App::start().await;
    let staff = app.staff("tim").await;
    for gateway in [Client::Web, Client::Mobile] {
        let elsewhere = Actor {
            through: gateway,
            ..staff.clone()
        };
        let request = elsewhere.asks(proto::users::v1::GetAccountRequest {});
        let (code, reason, _) = refusal(app.users().get_account(request).await);
        assert_eq!((code, reason.as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
    }
}

//! S1, who may ask what, over HTTP: every operation of every gateway's document, by everybody. The document declares it, and
//! what is found has to be the same. A document that declares something else is found out.

use e2e::{Account, Cluster, Program, READER, STAFF};
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

use crate::attacks;
use crate::openapi::{self, Needs, Operation};

/// What at the desk is one's own, whatever one may do in the shop.
const OWN: [&str; 2] = ["/v1/auth", "/v1/sessions"];

#[tokio::test]
async fn the_browsers_gateway_lets_in_whom_its_document_names() {
    let cluster = Cluster::start().await;
    let sign_in = async |account| cluster.web_as(account).await;
    let roles = [("a reader", READER), ("staff", STAFF)];
    let document = document(&cluster.web).await;
    let deviations = deviations(&cluster.web, &document, sign_in, roles, |_, _| None).await;
    assert!(deviations.is_empty(), "{deviations:#?}");
}

#[tokio::test]
async fn the_phones_gateway_lets_in_whom_its_document_names() {
    let cluster = Cluster::start().await;
    let sign_in = async |account| cluster.mobile_as(account).await;
    let roles = [("a reader", READER), ("staff", STAFF)];
    let document = document(&cluster.mobile).await;
    let deviations = deviations(&cluster.mobile, &document, sign_in, roles, |_, _| None).await;
    assert!(deviations.is_empty(), "{deviations:#?}");
}

#[tokio::test]
async fn the_staffs_gateway_lets_in_nobody_but_staff() {
    let cluster = Cluster::start().await;
    let sign_in = async |account: Account| {
        // Readers cannot sign in there; whoever was of the staff before can have a session all the same.
        let (is_staff, is_reader) = (
            "UPDATE users SET role = 'staff' WHERE username = 'demo'",
            "UPDATE users SET role = 'reader' WHERE username = 'demo'",
        );
        cluster.sabotage(is_staff).await;
        let client = cluster.desktop_as(account).await;
        cluster.sabotage(is_reader).await;
        client
    };
    let roles = [("staff of before", READER), ("staff", STAFF)];
    let kept_out = |role: &str, operation: &Operation| {
        let own = OWN.iter().any(|own| operation.path.starts_with(own));
        (role != "staff" && !own).then_some("FORBIDDEN")
    };
    let document = document(&cluster.desktop).await;
    let deviations = deviations(&cluster.desktop, &document, sign_in, roles, kept_out).await;
    assert!(deviations.is_empty(), "{deviations:#?}");
}

#[tokio::test]
async fn catches_a_document_that_names_others_than_the_gateway_lets_in() {
    let cluster = Cluster::start().await;
    let sign_in = async |account| cluster.mobile_as(account).await;
    let mut document = document(&cluster.mobile).await;
    let paths = document["paths"].as_object_mut().expect("a document has paths");
    paths.retain(|path, _| ["/v1/home", "/v1/me"].contains(&path.as_str()));
    paths["/v1/home"]["get"]["security"] = json!([{ "token": [] }]);
    paths["/v1/me"]["get"]["security"] = json!([]);
    let found = deviations(
        &cluster.mobile,
        &document,
        sign_in,
        [("a reader", READER)],
        |_, _| None,
    )
    .await;
    let expected = [
        r#"GET /v1/home as nobody: None, not Some("TOKEN_MISSING")"#,
        r#"GET /v1/me as nobody: Some("TOKEN_MISSING"), not None"#,
    ];
    assert_eq!(found, expected);
}

async fn document(gateway: &Program) -> Value {
    gateway.guest().get("/openapi.json").await.ok()
}

/// Asks everything in a document as nobody and in each role, and compares who is kept out.
async fn deviations<const ROLES: usize>(
    gateway: &Program,
    document: &Value,
    sign_in: impl AsyncFn(Account) -> Client,
    roles: [(&'static str, Account); ROLES],
    kept_out: impl Fn(&str, &Operation) -> Option<&'static str>,
) -> Vec<String> {
    let guest = gateway.guest();
    let operations = openapi::operations(document);
    let mut deviations = Vec::new();
    let mut check = |operation: &Operation, role, found: Option<&str>, expected: Option<&str>| {
        if found != expected {
            let Operation { method, path, .. } = operation;
            deviations.push(format!("{method} {path} as {role}: {found:?}, not {expected:?}"));
        }
    };
    let mut clients = Vec::new();
    for (role, account) in roles {
        clients.push((role, account, sign_in(account).await));
    }
    for operation in &operations {
        let needed = (operation.needs == Needs::SignedIn).then_some("TOKEN_MISSING");
        let answer = ask(guest, operation).await;
        // A refresh token that is none is invalid, whoever sends it.
        let found = reason(&answer).filter(|reason| *reason != "TOKEN_INVALID");
        check(operation, "nobody", found, needed);
        if operation.needs == Needs::Nobody {
            continue;
        }
        for (role, account, client) in &mut clients {
            let mut answer = ask(client, operation).await;
            if answer.status == 401 {
                // Something before has signed them out.
                *client = sign_in(*account).await;
                answer = ask(client, operation).await;
            }
            check(operation, *role, reason(&answer), kept_out(role, operation));
        }
    }
    assert!(
        operations
            .iter()
            .any(|operation| operation.needs == Needs::SignedIn)
    );
    deviations
}

async fn ask(client: &Client, operation: &Operation) -> Answer {
    let mut request = client.request(operation.method.clone(), &attacks::target(operation, None, ""));
    if let Some(body) = &operation.body {
        request = request
            .header("content-type", &body.media_type)
            .body(openapi::sample(&body.schema).to_string());
    }
    client.send(request).await
}

/// Why somebody was kept out, where it is for who they are and not for what they asked about.
fn reason(answer: &Answer) -> Option<&str> {
    let conduit = answer
        .body
        .pointer("/errors/token/0")
        .and_then(|text| text.as_str());
    match (answer.status, answer.body["code"].as_str(), conduit) {
        (401, Some(code @ ("TOKEN_MISSING" | "TOKEN_INVALID")), _) => Some(code),
        (401, _, Some("is missing")) => Some("TOKEN_MISSING"),
        (401, _, Some(_)) => Some("TOKEN_INVALID"),
        (403, Some(code @ "FORBIDDEN"), _) if !answer.body["detail"].to_string().contains("this ") => {
            Some(code)
        }
        _ => None,
    }
}

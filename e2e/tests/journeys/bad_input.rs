//! Bad input of every kind over every route that the three OpenAPI documents know: a refusal that says what is
//! wrong, never a fault of ours, and a process that is still the same afterwards.

use e2e::{Cluster, Program, STAFF};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::client::{Answer, Client};

use crate::attacks::{self, Attack, Expected};
use crate::openapi::{self, Operation};

/// Routes of the Conduit contract, which has its own shape of errors and ignores unknown fields.
const CONDUIT: [&str; 5] = [
    "/api/users",
    "/api/user",
    "/api/profiles",
    "/api/articles",
    "/api/tags",
];

#[tokio::test]
async fn the_browsers_gateway_refuses_bad_input() {
    let cluster = Cluster::start().await;
    sweep(&cluster, &cluster.web, async || cluster.newcomer().await.web).await;
}

#[tokio::test]
async fn the_phones_gateway_refuses_bad_input() {
    let cluster = Cluster::start().await;
    sweep(&cluster, &cluster.mobile, async || {
        cluster.newcomer().await.mobile
    })
    .await;
}

#[tokio::test]
async fn the_staffs_gateway_refuses_bad_input() {
    let cluster = Cluster::start().await;
    sweep(&cluster, &cluster.desktop, async || {
        cluster.desktop_as(STAFF).await
    })
    .await;
}

/// Attacks every operation of a gateway as nobody, and as somebody who may do everything there.
async fn sweep(cluster: &Cluster, gateway: &Program, sign_in: impl AsyncFn() -> Client) {
    let nobody = gateway.guest();
    let document = nobody.get("/openapi.json").await.ok();
    let operations = openapi::operations(&document);
    assert!(!operations.is_empty(), "there is something to attack");
    let (id, core_id) = (gateway.id(), cluster.core.id());
    let mut faults = Vec::new();

    for operation in &operations {
        // Anew for each, because some of the odd requests that survive sign out or change the password.
        let mut somebody = sign_in().await;
        for attack in attacks::on(operation) {
            let answer = send(nobody, operation, &attack).await;
            faults.extend(fault("nobody", operation, &attack, answer.as_ref(), false));

            let mut answer = send(&somebody, operation, &attack).await;
            if answer.as_ref().is_ok_and(|answer| answer.status == 401) {
                somebody = sign_in().await;
                answer = send(&somebody, operation, &attack).await;
            }
            faults.extend(fault("somebody", operation, &attack, answer.as_ref(), true));
        }
    }
    for (method, path) in [
        (Method::GET, "/nonsense"),
        (Method::PATCH, "/openapi.json"),
        (Method::GET, "/%ff"),
    ] {
        let answer = nobody.send(nobody.request(method.clone(), path)).await;
        if !(400..500).contains(&answer.status) || !is_problem(&answer) {
            faults.push(format!("{method} {path}: {}", shown(&answer)));
        }
    }

    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    gateway.admin().get("/readyz").await.ok();
    assert_eq!((gateway.id(), cluster.core.id()), (id, core_id));
    for program in [gateway, &cluster.core] {
        assert!(
            !program.log().contains("panicked"),
            "something panicked:\n{}",
            program.log()
        );
    }
}

async fn send(client: &Client, operation: &Operation, attack: &Attack) -> reqwest::Result<Answer> {
    let mut request = client.request(operation.method.clone(), &attack.target);
    // What is bad about the request has to be something else.
    request = request.header("x-csrf", "1");
    if operation
        .parameters
        .iter()
        .any(|one| one.name == "Idempotency-Key")
    {
        request = request.header("idempotency-key", attacks::fresh_key());
    }
    if let Some((media_type, bytes)) = &attack.body {
        request = request.header("content-type", media_type).body(bytes.clone());
    }
    client.try_send(request).await
}

/// Whether a route is one of the Conduit contract.
pub fn is_conduit(path: &str) -> bool {
    CONDUIT.iter().any(|prefix| path.starts_with(prefix))
}

/// What is wrong with this answer to a bad request.
fn fault(
    who: &str,
    operation: &Operation,
    attack: &Attack,
    answer: Result<&Answer, &reqwest::Error>,
    signed_in: bool,
) -> Option<String> {
    let conduit = is_conduit(&operation.path);
    let wrong = match answer {
        Err(error) => Some(format!("no answer: {error:?}")),
        Ok(answer) => wrong_with(answer, &attack.expected, conduit, signed_in)
            .map(|why| format!("{why}: {}", shown(answer))),
    };
    let target: String = attack.target.chars().take(80).collect();
    wrong.map(|wrong| {
        format!(
            "{} {target} ({}, as {who}): {wrong}",
            operation.method, attack.what
        )
    })
}

fn wrong_with(answer: &Answer, expected: &Expected, conduit: bool, signed_in: bool) -> Option<&'static str> {
    let unknown = |name: &str| *expected == Expected::RefusedFor(name.to_owned());
    let ignored = conduit && (unknown("nonsenseField") || unknown("passwordHash"));
    if answer.status >= 500 {
        return Some("a fault of ours");
    }
    if answer.status < 400 {
        return (*expected != Expected::Survived && !ignored).then_some("not refused");
    }
    let shaped = is_problem(answer) || (conduit && is_conduit_error(answer));
    if !shaped || (conduit && answer.status == 422 && !is_conduit_error(answer)) {
        return Some("not in the shape of an error");
    }
    match expected {
        Expected::RefusedFor(field) if signed_in && !ignored => {
            (!names(answer, field)).then_some("does not name the field")
        }
        _ => None,
    }
}

fn is_problem(answer: &Answer) -> bool {
    let problem = &answer.body;
    let is_code = |code: &str| code.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    answer.header("content-type") == "application/problem+json"
        && problem["status"] == answer.status
        && problem["code"].as_str().is_some_and(is_code)
        && ["type", "title", "requestId", "instance"]
            .iter()
            .all(|key| problem[*key].is_string())
}

fn is_conduit_error(answer: &Answer) -> bool {
    let is_list = |value: &Value| {
        value
            .as_array()
            .is_some_and(|all| all.iter().all(Value::is_string))
    };
    answer.body["errors"]
        .as_object()
        .is_some_and(|fields| !fields.is_empty() && fields.values().all(is_list))
}

/// Whether the answer says which field is meant.
fn names(answer: &Answer, field: &str) -> bool {
    match &answer.body["errors"] {
        Value::Array(errors) => errors
            .iter()
            .any(|error| error["field"].as_str().unwrap_or_default().contains(field)),
        Value::Object(errors) => errors.keys().any(|name| name.contains(field)),
        _ => false,
    }
}

fn shown(answer: &Answer) -> String {
    format!(
        "{} {}",
        answer.status,
        answer.body.to_string().chars().take(300).collect::<String>()
    )
}

#[test]
fn tells_a_refusal_from_a_fault() {
    let answer = |status: u16, media_type: &'static str, body: Value| Answer {
        status,
        headers: [(reqwest::header::CONTENT_TYPE, media_type.parse().unwrap())]
            .into_iter()
            .collect(),
        bytes: body.to_string().len(),
        body,
    };
    let title = Expected::RefusedFor("title".to_owned());
    let problem = json!({
        "type": "/problems/invalid-input", "title": "t", "status": 422, "code": "INVALID_INPUT", "instance": "/x",
        "requestId": "r", "errors": [{"field": "title", "detail": "can't be blank"}],
    });
    let refusal = answer(422, "application/problem+json", problem.clone());
    assert_eq!(wrong_with(&refusal, &title, false, true), None);
    assert!(wrong_with(&refusal, &Expected::RefusedFor("body".to_owned()), false, true).is_some());
    assert!(
        wrong_with(&refusal, &Expected::Refused, true, true).is_some(),
        "a problem is no Conduit error"
    );
    assert!(wrong_with(&answer(200, "application/json", json!({})), &title, false, true).is_some());
    assert!(
        wrong_with(
            &answer(500, "application/problem+json", problem),
            &title,
            false,
            true
        )
        .is_some()
    );
    let conduit = answer(
        422,
        "application/json",
        json!({"errors": {"title": ["can't be blank"]}}),
    );
    assert_eq!(wrong_with(&conduit, &title, true, true), None);
    assert!(wrong_with(&conduit, &title, false, true).is_some());
}

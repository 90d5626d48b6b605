//! The committed OpenAPI document.

use std::collections::HashSet;

use bff_web::GATEWAY;
use serde_json::Value;

use crate::harness::settings;

fn committed() -> Value {
    serde_json::from_str(include_str!("../../openapi.json")).expect("JSON")
}

#[tokio::test]
async fn the_committed_document_is_current() {
    let document = GATEWAY.document(&settings([])).expect("a document");
    assert_eq!(
        include_str!("../../openapi.json"),
        document,
        "run `cargo xtask openapi`"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = committed();
    let mut names = HashSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                names.insert(name),
                "{method} {path} is called `{name}` like another"
            );
        }
    }
}

#[test]
fn the_conduit_routes_document_their_own_errors_and_the_others_problems() {
    let document = committed();
    let schema = |path: &str, kind: &str| {
        let answer = document["paths"][path]["get"]["responses"]["429"]["$ref"].as_str();
        let answer = answer.and_then(|reference| document.pointer(&reference[1..]));
        answer.expect("an answer")["content"][kind]["schema"]["$ref"].clone()
    };
    assert_eq!(
        schema("/api/articles", "application/json"),
        "#/components/schemas/Errors"
    );
    assert_eq!(
        schema("/api/views/home", "application/problem+json"),
        "#/components/schemas/Problem"
    );
}

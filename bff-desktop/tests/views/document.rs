//! The committed OpenAPI document.

use std::collections::HashSet;

use bff_desktop::GATEWAY;
use serde_json::Value;

use crate::harness::settings;

#[tokio::test]
async fn the_committed_document_is_current() {
    let document = GATEWAY.document(&settings([])).expect("a document");
    assert_eq!(
        include_str!("../../openapi.json"),
        document,
        "run `cargo xtask openapi`"
    );
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    let document: Value = serde_json::from_str(include_str!("../../openapi.json")).expect("JSON");
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

//! The plans are complete, and a collection asks what its plan says.

use serde_json::{Value, json};

use super::{plan, plan::Plan, postman};
use crate::contracts::{FACES, document, read};

fn gateway() -> Value {
    let book = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "format": "int64"}}});
    let answer =
        |status: &str, schema: Value| json!({status: {"content": {"application/json": {"schema": schema}}}});
    json!({
        "info": {"title": "bff-test"},
        "paths": {
            "/books": {"post": {
                "operationId": "createBook",
                "security": [{"token": []}],
                "parameters": [{"name": "Idempotency-Key", "in": "header", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"example": {"title": "Emma"}}}},
                "responses": answer("201", json!({"$ref": "#/components/schemas/Book"}))
            }},
            "/books/{id}": {"get": {
                "operationId": "getBook",
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "example": 1},
                    {"name": "q", "in": "query", "example": "x"}
                ],
                "responses": answer("200", json!({"$ref": "#/components/schemas/Book"}))
            }}
        },
        "components": {"schemas": {"Book": book}}
    })
}

fn planned(steps: Value) -> Plan {
    let plan = json!({"variables": {}, "chapters": [{"name": "Books", "steps": steps}]});
    serde_json::from_value(plan).unwrap()
}

#[test]
fn a_step_becomes_a_request_that_carries_on_what_was_kept() {
    let plan = planned(json!([
        {"ask": "createBook", "keep": {"bookId": "id"}},
        {"ask": "getBook", "with": {"id": "{{bookId}}", "q": "y"}, "note": "gone", "status": 404}
    ]));
    let collection = postman::collection(&gateway(), &plan, "http://there").unwrap();

    let steps = &collection["item"][0]["item"];
    let (create, get) = (&steps[0], &steps[1]);
    assert_eq!(create["request"]["body"]["raw"], "{\n  \"title\": \"Emma\"\n}");
    assert_eq!(create["request"]["auth"]["bearer"][0]["value"], "{{token}}");
    assert_eq!(create["request"]["header"][0]["value"], "{{$guid}}");
    assert_eq!(
        create["event"][0]["script"]["exec"],
        json!([
            "pm.test(\"answers 201\", () => pm.response.to.have.status(201));",
            "const kept = (path) => require(\"lodash\").get(pm.response.json(), path);",
            "pm.test(\"has bookId\", () => pm.expect(kept(\"id\")).to.exist);",
            "pm.collectionVariables.set(\"bookId\", kept(\"id\"));"
        ])
    );
    assert_eq!(get["name"], "getBook (gone)");
    assert_eq!(get["request"]["url"]["raw"], "{{baseUrl}}/books/{{bookId}}?q=y");
    assert_eq!(get["request"]["auth"]["type"], "noauth");
    let documented = collection["event"][0]["script"]["exec"][0].as_str().unwrap();
    assert!(
        documented
            .contains(r##""getBook":{"200":{"application/json":{"$ref":"#/components/schemas/Book"}}}"##)
    );
    assert!(
        documented.contains(r#""properties":{"id":{"type":"integer"}}"#),
        "{documented}"
    );
}

#[test]
fn what_no_step_asks_is_asked_last_if_it_only_reads() {
    let collection = postman::collection(&gateway(), &planned(json!([])), "http://there").unwrap();
    let rest = &collection["item"][1];
    assert_eq!(rest["name"], "Everything else");
    assert_eq!(
        rest["item"][0]["event"][0]["listen"], "prerequest",
        "creating is left out"
    );
    assert_eq!(rest["item"][1]["event"][0]["listen"], "test");
}

#[test]
fn a_plan_with_a_name_that_the_document_does_not_know_is_refused() {
    for step in [
        json!({"ask": "eatBook"}),
        json!({"ask": "getBook", "with": {"colour": "red"}}),
        json!({"ask": "getBook", "body": {}}),
    ] {
        let refused = postman::collection(&gateway(), &planned(json!([step])), "http://there");
        assert!(refused.is_err(), "{step}");
    }
}

#[test]
fn everything_that_changes_something_has_its_place_in_the_plan() {
    for face in FACES {
        let document = read(&document(face)).unwrap();
        let (operations, plan) = (postman::operations(&document), plan(face).unwrap());
        let left = postman::unplanned(&operations, &plan).filter(|operation| operation.method != "GET");
        let left: Vec<_> = left.map(|operation| operation.id).collect();
        assert!(
            left.is_empty(),
            "contracts/collections/{face}.json has no step that asks {left:?}"
        );
        postman::collection(&document, &plan, "http://there").unwrap();
    }
}

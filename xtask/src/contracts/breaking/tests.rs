//! What has to be caught, and what must not be; then each document of ours, broken in every place there is.

use serde_json::{Map, Value, json};

use super::breaks;
use crate::contracts::{FACES, document, read};

/// A small document with one of everything.
fn shop() -> Value {
    json!({
        "paths": {"/books/{id}": {"put": {
            "operationId": "putBook",
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer", "format": "int64"}},
                {"name": "after", "in": "query", "schema": {"type": "string", "maxLength": 64}}
            ],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewBook"}}}},
            "responses": {
                "200": {
                    "headers": {"ETag": {"schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}
                },
                "404": {"$ref": "#/components/responses/NotFound"}
            },
            "security": [{"session": []}, {"token": ["staff"]}]
        }}},
        "components": {
            "schemas": {
                "NewBook": {
                    "type": "object",
                    "required": ["title"],
                    "properties": {
                        "title": {"type": "string", "minLength": 1},
                        "state": {"$ref": "#/components/schemas/State"},
                        "note": {"type": ["string", "null"]}
                    },
                    "additionalProperties": false
                },
                "Page": {"allOf": [
                    {"$ref": "#/components/schemas/Book"},
                    {"type": "object", "required": ["meta"], "properties": {"meta": {"type": "object"}}}
                ]},
                "Book": {
                    "type": "object",
                    "required": ["title", "state"],
                    "properties": {
                        "title": {"type": "string"},
                        "state": {"$ref": "#/components/schemas/State"},
                        "pages": {"type": "integer", "minimum": 1},
                        "extra": {"type": "string", "contentMediaType": "application/json", "contentSchema": {
                            "type": "object", "properties": {"colour": {"type": "string"}}
                        }},
                        "next": {"oneOf": [{"$ref": "#/components/schemas/Book"}, {"type": "null"}]},
                        "event": {"oneOf": [
                            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
                            {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}
                        ]}
                    }
                },
                "State": {"type": "string", "enum": ["new", "sold"]}
            },
            "responses": {"NotFound": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}}
        }
    })
}

const PUT: &str = "/paths/~1books~1{id}/put";
const BOOK: &str = "/components/schemas/Book";
const NEW_BOOK: &str = "/components/schemas/NewBook";

/// What the small document breaks where the value at this place is replaced, or taken away.
fn after(place: &str, value: Option<Value>) -> Vec<String> {
    let (old, mut new) = (shop(), shop());
    let (parent, key) = place.rsplit_once('/').expect("a place lies in another");
    let parent = new.pointer_mut(parent).expect("the place is there");
    let key = key.replace("~1", "/");
    match (parent, value) {
        (Value::Array(items), Some(value)) => items.push(value),
        (Value::Array(items), None) => drop(items.remove(key.parse().expect("a number"))),
        (place, Some(value)) => place[key] = value,
        (place, None) => drop(place.as_object_mut().and_then(|fields| fields.remove(&key))),
    }
    breaks(&old, &new)
}

#[test]
fn each_break_is_caught() {
    let at = |place: &str, rest: &str| format!("{place}{rest}");
    let mutants = [
        ("/paths/~1books~1{id}".to_owned(), None, "PUT /books/{id} is gone"),
        (
            at(PUT, "/operationId"),
            Some(json!("saveBook")),
            "is called saveBook, was called putBook",
        ),
        (
            at(PUT, "/security/0"),
            None,
            "can no longer be called with session",
        ),
        (
            at(PUT, "/security/1/token"),
            Some(json!(["admin"])),
            "can no longer be called with token",
        ),
        (at(PUT, "/parameters/1"), None, "query parameter after is gone"),
        (
            at(PUT, "/parameters/1/required"),
            Some(json!(true)),
            "query parameter after is required now",
        ),
        (
            at(PUT, "/parameters/1/schema/maxLength"),
            Some(json!(32)),
            "query parameter after has another maxLength",
        ),
        (
            at(PUT, "/parameters/1/schema/pattern"),
            Some(json!("^a")),
            "query parameter after has another pattern",
        ),
        (
            at(PUT, "/parameters/0/schema/format"),
            Some(json!("int32")),
            "path parameter id has another format",
        ),
        (
            at(PUT, "/parameters/0/schema/type"),
            Some(json!("string")),
            "path parameter id is string now, was integer",
        ),
        (
            at(PUT, "/parameters/-"),
            Some(json!({"name": "X-Key", "in": "header", "required": true, "schema": {"type": "string"}})),
            "header parameter x-key is required now",
        ),
        (
            at(PUT, "/requestBody/required"),
            Some(json!(true)),
            "requires a body now",
        ),
        (
            at(PUT, "/requestBody/content/application~1json"),
            None,
            "body application/json is gone",
        ),
        (
            at(NEW_BOOK, "/required/-"),
            Some(json!("note")),
            "body application/json .note is required now",
        ),
        (
            at(NEW_BOOK, "/properties/note/type"),
            Some(json!("string")),
            ".note may no longer be null",
        ),
        (
            at(NEW_BOOK, "/properties/title/minLength"),
            Some(json!(2)),
            ".title has another minLength",
        ),
        (
            at(NEW_BOOK, "/properties/title/enum"),
            Some(json!(["A"])),
            ".title takes only some values now",
        ),
        (
            at(NEW_BOOK, "/properties/note"),
            None,
            "body application/json .note is gone",
        ),
        (
            "/components/schemas/State/enum/0".to_owned(),
            None,
            "has lost its value \"new\"",
        ),
        (
            "/components/schemas/State/enum".to_owned(),
            None,
            "may have any value now",
        ),
        (
            "/components/schemas/State".to_owned(),
            None,
            "schema State is gone",
        ),
        (at(PUT, "/responses/404"), None, "404 is gone"),
        (
            at(PUT, "/responses/200/headers/ETag"),
            None,
            "200: header ETag is gone",
        ),
        (
            at(PUT, "/responses/200/content/application~1json"),
            None,
            "200 application/json is gone",
        ),
        (
            "/components/responses/NotFound/content".to_owned(),
            None,
            "404 application/problem+json is gone",
        ),
        (
            at(BOOK, "/properties/title"),
            None,
            "200 application/json .title is gone",
        ),
        (
            at(BOOK, "/required/0"),
            None,
            "200 application/json .title may be missing now",
        ),
        (
            at(BOOK, "/properties/title/type"),
            Some(json!(["string", "null"])),
            ".title may be null now",
        ),
        (
            at(BOOK, "/properties/pages/type"),
            Some(json!("number")),
            ".pages is number now, was integer",
        ),
        (
            at(BOOK, "/properties/pages/minimum"),
            None,
            ".pages has another minimum",
        ),
        (
            at(BOOK, "/properties/extra/contentMediaType"),
            Some(json!("text/csv")),
            ".extra has another contentMediaType",
        ),
        (
            at(BOOK, "/properties/extra/contentSchema/properties/colour"),
            None,
            ".extra .colour is gone",
        ),
        (
            at(BOOK, "/properties/event/oneOf/0"),
            None,
            ".event has lost its form 1",
        ),
        (
            at(BOOK, "/properties/event/oneOf/0/required/0"),
            None,
            ".event .a may be missing now",
        ),
        (
            "/components/schemas/Page/allOf/1/properties/meta/type".to_owned(),
            Some(json!("string")),
            ".meta is string now, was object",
        ),
    ];
    for (place, value, told) in mutants {
        let found = after(&place, value.clone());
        assert!(
            found.iter().any(|line| line.ends_with(told)),
            "{place} = {value:?}: {told:?} is not in {found:#?}"
        );
    }
}

#[test]
fn what_only_adds_breaks_nothing() {
    let at = |place: &str, rest: &str| format!("{place}{rest}");
    let additions = [
        (
            "/paths/~1authors".to_owned(),
            Some(json!({"get": {"operationId": "listAuthors"}})),
        ),
        (
            at(PUT, "/parameters/-"),
            Some(json!({"name": "q", "in": "query", "schema": {"type": "string"}})),
        ),
        (at(PUT, "/parameters/1/schema/maxLength"), Some(json!(128))),
        (at(PUT, "/security/1/token"), Some(json!([]))),
        (at(PUT, "/security/-"), Some(json!({"session": []}))),
        (
            at(PUT, "/responses/429"),
            Some(json!({"$ref": "#/components/responses/NotFound"})),
        ),
        (
            at(PUT, "/responses/200/headers/RateLimit"),
            Some(json!({"schema": {"type": "string"}})),
        ),
        (
            at(PUT, "/requestBody/content/text~1csv"),
            Some(json!({"schema": {"type": "string"}})),
        ),
        (
            at(NEW_BOOK, "/properties/colour"),
            Some(json!({"type": "string"})),
        ),
        (at(NEW_BOOK, "/properties/title/minLength"), None),
        (at(NEW_BOOK, "/required/0"), None),
        (at(NEW_BOOK, "/additionalProperties"), None),
        (at(BOOK, "/properties/colour"), Some(json!({"type": "string"}))),
        (at(BOOK, "/required/-"), Some(json!("pages"))),
        (at(BOOK, "/properties/pages/minimum"), Some(json!(2))),
        (
            at(BOOK, "/properties/event/oneOf/-"),
            Some(json!({"type": "object", "required": ["c"]})),
        ),
        ("/components/schemas/State/enum/-".to_owned(), Some(json!("lost"))),
        (
            "/components/schemas/Author".to_owned(),
            Some(json!({"type": "object"})),
        ),
    ];
    for (place, value) in additions {
        assert_eq!(after(&place, value.clone()), [""; 0], "{place} = {value:?}");
    }
}

#[test]
fn our_documents_cannot_lose_an_operation_an_answer_or_a_field_unnoticed() {
    for face in FACES {
        let old = read(&document(face)).unwrap();
        assert_eq!(breaks(&old, &old), [""; 0]);
        let places = removable(&old);
        assert!(places.len() > 200, "{face}: only {} places", places.len());
        let mut new = old.clone();
        // Every tenth: all of them would take half a minute.
        for place in places.iter().step_by(10) {
            let (parent, key) = place.rsplit_once('/').unwrap();
            let key = key.replace("~1", "/").replace("~0", "~");
            let lost = fields(&mut new, parent).remove(&key).unwrap();
            assert!(!breaks(&old, &new).is_empty(), "{face}: {place} can go unnoticed");
            fields(&mut new, parent).insert(key, lost);
        }
    }
}

fn fields<'a>(document: &'a mut Value, place: &str) -> &'a mut Map<String, Value> {
    document
        .pointer_mut(place)
        .and_then(Value::as_object_mut)
        .unwrap()
}

/// Everything that a client may rely on: operations and their answers, and all fields of all schemas.
fn removable(document: &Value) -> Vec<String> {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    let mut places = Vec::new();
    for (path, item) in super::entries(&document["paths"]) {
        for (method, operation) in super::entries(item) {
            let operation_at = format!("/paths/{}/{method}", escaped(path));
            let answers = super::entries(&operation["responses"]);
            places.extend(answers.map(|(status, _)| format!("{operation_at}/responses/{status}")));
            places.push(operation_at);
        }
    }
    for (name, schema) in super::entries(&document["components"]["schemas"]) {
        let fields = super::entries(&schema["properties"]);
        places.extend(
            fields.map(|(field, _)| format!("/components/schemas/{name}/properties/{}", escaped(field))),
        );
    }
    places
}

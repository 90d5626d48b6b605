//! Reading an OpenAPI document: its operations, and a valid value for each of their schemas.

use reqwest::Method;
use serde_json::{Map, Value, json};

/// One operation, all its references resolved.
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub needs: Needs,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Nobody,
    /// Somebody who is signed in.
    SignedIn,
}

pub struct Parameter {
    pub name: String,
    pub place: Place,
    pub required: bool,
    pub schema: Value,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    Path,
    Query,
    Other,
}

pub struct Body {
    pub media_type: String,
    pub required: bool,
    pub schema: Value,
}

/// How many references deep it goes; a schema that contains itself ends there.
const DEPTH: usize = 6;

/// All operations of a document.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("a document has paths") {
        for (method, operation) in item.as_object().expect("a path has operations") {
            let Ok(method) = method.to_uppercase().parse() else {
                continue;
            };
            if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&Method::as_str(&method)) {
                continue;
            }
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let shared = item["parameters"].as_array().into_iter().flatten();
            found.push(Operation {
                method,
                path: path.clone(),
                parameters: shared
                    .chain(parameters)
                    .map(|one| parameter(document, one))
                    .collect(),
                body: body(document, &operation["requestBody"]),
                needs: needs(operation),
            });
        }
    }
    found
}

/// Signed in has to be who finds no empty requirement among the alternatives.
fn needs(operation: &Value) -> Needs {
    match operation["security"].as_array() {
        Some(ways) if !ways.is_empty() && ways.iter().all(|way| way != &json!({})) => Needs::SignedIn,
        _ => Needs::Nobody,
    }
}

fn parameter(document: &Value, value: &Value) -> Parameter {
    let value = resolved(document, value, DEPTH);
    Parameter {
        name: value["name"].as_str().expect("a parameter has a name").to_owned(),
        place: match value["in"].as_str() {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            _ => Place::Other,
        },
        required: value["required"].as_bool().unwrap_or(false),
        schema: value["schema"].clone(),
    }
}

fn body(document: &Value, value: &Value) -> Option<Body> {
    let value = resolved(document, value, DEPTH);
    let content = value["content"].as_object()?;
    let (media_type, content) = content.iter().next()?;
    Some(Body {
        media_type: media_type.clone(),
        required: value["required"].as_bool().unwrap_or(false),
        schema: content["schema"].clone(),
    })
}

/// The value with every `$ref` in it replaced by what it names, and the parts of every `allOf` in one.
fn resolved(document: &Value, value: &Value, depth: usize) -> Value {
    if depth == 0 {
        return json!({});
    }
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("$ref").and_then(Value::as_str) {
                let target = document.pointer(name.trim_start_matches('#'));
                return resolved(
                    document,
                    target.unwrap_or_else(|| panic!("{name} is not there")),
                    depth - 1,
                );
            }
            let mut out = Map::new();
            for (key, value) in object {
                let value = resolved(document, value, depth);
                match (key.as_str(), value) {
                    ("allOf", Value::Array(parts)) => {
                        parts.into_iter().for_each(|part| merge(&mut out, part))
                    }
                    (_, value) => merge(&mut out, json!({ key: value })),
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => items
            .iter()
            .map(|item| resolved(document, item, depth - 1))
            .collect(),
        other => other.clone(),
    }
}

fn merge(into: &mut Map<String, Value>, part: Value) {
    let Value::Object(part) = part else { return };
    for (key, value) in part {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(there)), value @ Value::Object(_)) => merge(there, value),
            (Some(Value::Array(there)), Value::Array(more)) => there.extend(more),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// The variants of a schema: itself, or those of its `oneOf` or `anyOf`.
fn variants(schema: &Value) -> Vec<&Value> {
    let choice = ["oneOf", "anyOf"].iter().find_map(|key| schema[*key].as_array());
    choice.map_or(vec![schema], |choice| choice.iter().flat_map(variants).collect())
}

/// The JSON types that a schema takes; empty for any.
pub fn types(schema: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    for variant in variants(schema) {
        match &variant["type"] {
            Value::String(one) => found.push(one.as_str()),
            Value::Array(several) => found.extend(several.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    found
}

/// The variant that is not null.
pub fn substance(schema: &Value) -> &Value {
    let all = variants(schema);
    all.iter()
        .find(|variant| variant["type"] != "null")
        .copied()
        .unwrap_or(schema)
}

/// A value that the schema takes.
pub fn sample(schema: &Value) -> Value {
    let schema = substance(schema);
    let given = [
        &schema["example"],
        &schema["examples"][0],
        &schema["const"],
        &schema["enum"][0],
    ];
    if let Some(value) = given.into_iter().find(|value| !value.is_null()) {
        return value.clone();
    }
    match types(schema).into_iter().find(|one| *one != "null") {
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("array") => json!([sample(&schema["items"])]),
        Some("string") => sample_text(schema),
        _ => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties
                .map(|(name, schema)| (name.clone(), sample(schema)))
                .collect::<Map<_, _>>()
                .into()
        }
    }
}

fn sample_text(schema: &Value) -> Value {
    let text = match schema["format"].as_str() {
        Some("email") => "somebody@example.test",
        Some("uri") => "https://example.test/picture.png",
        Some("date-time") => "2026-01-02T03:04:05.678Z",
        _ => "text",
    };
    let least = schema["minLength"].as_u64().unwrap_or(0) as usize;
    if text.len() < least {
        json!("x".repeat(least))
    } else {
        json!(text)
    }
}

#[test]
fn resolves_references_and_gives_values() {
    let document = json!({
        "paths": {"/a/{id}": {"post": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}},
        }}},
        "components": {"schemas": {
            "A": {"allOf": [{"$ref": "#/components/schemas/B"}, {"properties": {"a": {"type": ["string", "null"]}}}]},
            "B": {"type": "object", "properties": {"b": {"oneOf": [{"type": "null"}, {"type": "array", "items": {"type": "boolean"}}]}}},
        }},
    });
    let all = operations(&document);
    assert_eq!(
        (all[0].method.as_str(), all[0].parameters[0].place),
        ("POST", Place::Path)
    );
    assert_eq!(
        sample(&all[0].body.as_ref().unwrap().schema),
        json!({"a": "text", "b": [true]})
    );
}

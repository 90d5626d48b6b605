//! Examples of whole bodies, put together from examples of their fields.
//!
//! A field's example is its own (`#[schema(example = …)]`), or the one that the gateway's `examples.json` has for
//! `Shape.field` or else for every `field` of that name. What is obvious needs none.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::{
    Content, OpenApi, RefOr,
    path::{Operation, ParameterBuilder},
};

use super::operations;

/// Puts examples together from a document's schemas.
struct Examples {
    document: Value,
    fields: Map<String, Value>,
    missing: BTreeSet<String>,
}

/// Gives every body and parameter of the document an example, from this text; what it lacks is the answer.
pub(super) fn add(document: &mut OpenApi, fields: &str) -> Vec<String> {
    let fields = serde_json::from_str(fields).unwrap_or_else(|error| panic!("examples.json: {error}"));
    let mut examples = Examples {
        document: json!(document),
        fields,
        missing: BTreeSet::new(),
    };
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            examples.describe(operation);
        }
    }
    examples.missing.into_iter().collect()
}

impl Examples {
    fn describe(&mut self, operation: &mut Operation) {
        let name = operation.operation_id.clone().unwrap_or_default();
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter
                && json!(parameter).get("example").is_none()
            {
                let example = self.of(&json!(parameter.schema), &name, &parameter.name);
                *parameter = ParameterBuilder::from(parameter.clone()).example(example).build();
            }
        }
        let answers = operation.responses.responses.values_mut();
        let answers = answers.filter_map(|answer| match answer {
            RefOr::T(answer) => Some(answer.content.values_mut()),
            RefOr::Ref(_) => None,
        });
        for content in answers.flatten() {
            self.show(&name, content);
        }
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            for content in body.content.values_mut() {
                self.show(&name, content);
            }
        }
    }

    fn show(&mut self, operation: &str, content: &mut RefOr<Content>) {
        if let RefOr::T(content) = content
            && content.example.is_none()
            && content.examples.is_empty()
        {
            content.example = self.of(&json!(content.schema), operation, "body");
        }
    }

    /// An example of this schema, which `owner` has under the name `field`.
    fn of(&mut self, schema: &Value, owner: &str, field: &str) -> Option<Value> {
        if let Some(own) = schema.get("example").or_else(|| schema["examples"].get(0)) {
            return Some(own.clone());
        }
        let named = [format!("{owner}.{field}"), field.to_owned()];
        let named = named.iter().filter_map(|key| self.fields.get(key));
        if let Some(named) = named.into_iter().find(|example| fits(schema, example)) {
            return Some(named.clone());
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let found = self.document.pointer(reference.trim_start_matches('#'))?.clone();
            let name = reference.rsplit('/').next().unwrap_or_default();
            let whole = self.fields.get(name).cloned();
            return whole.or_else(|| self.of(&found, if is_object(&found) { name } else { owner }, field));
        }
        if let Some(written) = schema.get("contentSchema") {
            return self.of(written, owner, field).map(|it| it.to_string().into());
        }
        if let Some(constant) = schema.get("const").or_else(|| schema["enum"].get(0)) {
            return Some(constant.clone());
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let parts = parts.iter().filter_map(|part| self.of(part, owner, field));
            let whole: Map<_, _> = parts
                .filter_map(|part| part.as_object().cloned())
                .flatten()
                .collect();
            return Some(whole.into());
        }
        if let Some(variants) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            let real = variants.iter().find(|variant| variant["type"] != "null")?;
            return self.of(real, owner, field);
        }
        if let Some(properties) = schema["properties"].as_object() {
            let fields = properties.iter().filter_map(|(name, schema)| {
                let example = self.of(schema, owner, name)?;
                Some((name.clone(), example))
            });
            return Some(fields.collect::<Map<_, _>>().into());
        }
        if let Some(items) = schema.get("items") {
            return self.of(items, owner, field).map(|item| json!([item]));
        }
        if has_type(schema, "boolean") {
            return Some(true.into());
        }
        self.missing.insert(format!("{owner}.{field}"));
        None
    }
}

fn is_object(schema: &Value) -> bool {
    has_type(schema, "object") || schema.get("allOf").is_some()
}

/// Whether an example that was written for any field of its name is one of this schema.
fn fits(schema: &Value, example: &Value) -> bool {
    match example {
        Value::Null => has_type(schema, "null"),
        Value::Bool(_) => has_type(schema, "boolean"),
        Value::Number(number) => {
            has_type(schema, "number") || (has_type(schema, "integer") && number.is_i64())
        }
        Value::String(text) => {
            let options = schema["enum"].as_array();
            has_type(schema, "string") && options.is_none_or(|options| options.iter().any(|one| one == text))
        }
        Value::Array(items) => {
            has_type(schema, "array") && items.iter().all(|item| fits(&schema["items"], item))
        }
        Value::Object(_) => has_type(schema, "object") && schema.get("properties").is_none(),
    }
}

fn has_type(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::Array(types) => types.iter().any(|one| one == name),
        one => one == name,
    }
}

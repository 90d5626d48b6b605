//! What of a new OpenAPI document breaks a client that was made for an old one.
//!
//! What a client may send has to stay allowed, what it is told has to stay told; it may be offered more, and be told
//! more. Names that a generated client has (operations, schemas) count too. Lists of values are open: clients have to
//! expect new ones (`docs/clients.md`).

mod schema;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use schema::resolved;
use schema::{Comparison, Direction};

/// What breaks, a sentence each.
pub fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut comparison = Comparison::new(old, new);
    for (path, item) in entries(&old["paths"]) {
        for (method, operation) in entries(item).filter(|(method, _)| *method != "parameters") {
            let at = format!("{} {path}", method.to_uppercase());
            match new["paths"][path].get(method) {
                Some(now) => {
                    let (old, new) = (
                        Operation::of(old, item, operation),
                        Operation::of(new, &new["paths"][path], now),
                    );
                    compare(&mut comparison, &at, &old, &new);
                }
                None => comparison.report(&at, "is gone"),
            }
        }
    }
    for (name, _) in entries(&old["components"]["schemas"]) {
        if new["components"]["schemas"].get(name).is_none() {
            comparison.report(&format!("schema {name}"), "is gone");
        }
    }
    comparison.found
}

/// An operation, its references followed.
struct Operation<'a> {
    id: Option<&'a str>,
    parameters: BTreeMap<String, &'a Value>,
    body: &'a Value,
    answers: BTreeMap<&'a str, &'a Value>,
    security: &'a Value,
}

impl<'a> Operation<'a> {
    fn of(document: &'a Value, item: &'a Value, operation: &'a Value) -> Self {
        let all = [item, operation]
            .into_iter()
            .flat_map(|place| place["parameters"].as_array());
        let parameters = all.flatten().map(|parameter| {
            let parameter = resolved(document, parameter);
            let word = |key: &str| parameter[key].as_str().unwrap_or_default();
            // Names of header fields know no case.
            let name = match word("in") {
                "header" => word("name").to_lowercase(),
                _ => word("name").to_owned(),
            };
            (format!("{} parameter {name}", word("in")), parameter)
        });
        let answers = entries(&operation["responses"]);
        Self {
            id: operation["operationId"].as_str(),
            parameters: parameters.collect(),
            body: resolved(document, &operation["requestBody"]),
            answers: answers
                .map(|(status, answer)| (status, resolved(document, answer)))
                .collect(),
            security: operation.get("security").unwrap_or(&document["security"]),
        }
    }
}

fn compare<'a>(comparison: &mut Comparison<'_>, at: &str, old: &Operation<'a>, new: &Operation<'a>) {
    if let (Some(was), Some(is)) = (old.id, new.id)
        && was != is
    {
        comparison.report(at, &format!("is called {is}, was called {was}"));
    }
    if let Some(way) = ways(old.security)
        .iter()
        .find(|way| !is_open_to(new.security, way))
    {
        let way: Vec<_> = way.keys().map(String::as_str).collect();
        let way = if way.is_empty() {
            "a guest".to_owned()
        } else {
            way.join(" and ")
        };
        comparison.report(at, &format!("can no longer be called with {way}"));
    }

    for (name, parameter) in &old.parameters {
        let at = format!("{at}: {name}");
        match new.parameters.get(name) {
            Some(now) => comparison.schemas(&at, Direction::Sent, &parameter["schema"], &now["schema"]),
            None => comparison.report(&at, "is gone"),
        }
    }
    for (name, _) in new.parameters.iter().filter(|(_, now)| now["required"] == true) {
        if old.parameters.get(name).is_none_or(|was| was["required"] != true) {
            comparison.report(&format!("{at}: {name}"), "is required now");
        }
    }

    if new.body["required"] == true && old.body["required"] != true {
        comparison.report(at, "requires a body now");
    }
    contents(
        comparison,
        &format!("{at}: body"),
        Direction::Sent,
        old.body,
        new.body,
    );

    for (status, answer) in &old.answers {
        let at = format!("{at}: {status}");
        let Some(now) = new.answers.get(status) else {
            comparison.report(&at, "is gone");
            continue;
        };
        contents(comparison, &at, Direction::Told, answer, now);
        let headers = |answer: &'a Value| entries(&answer["headers"]).map(|(name, _)| name);
        for name in headers(answer) {
            if !headers(now).any(|other| other.eq_ignore_ascii_case(name)) {
                comparison.report(&format!("{at}: header {name}"), "is gone");
            }
        }
    }
}

/// Compares a body in all media types that it had.
fn contents(comparison: &mut Comparison<'_>, at: &str, direction: Direction, old: &Value, new: &Value) {
    for (kind, content) in entries(&old["content"]) {
        let at = format!("{at} {kind}");
        match new["content"].get(kind) {
            Some(now) => comparison.schemas(&at, direction, &content["schema"], &now["schema"]),
            None => comparison.report(&at, "is gone"),
        }
    }
}

/// The ways to prove oneself; where nothing is said, one that needs nothing.
fn ways(security: &Value) -> Vec<Map<String, Value>> {
    match security.as_array() {
        Some(ways) if !ways.is_empty() => ways.iter().filter_map(Value::as_object).cloned().collect(),
        _ => vec![Map::new()],
    }
}

/// Whether who proves this much may call: every scheme that one of the ways asks for, and every role of it.
fn is_open_to(security: &Value, known: &Map<String, Value>) -> bool {
    let roles = |value: &Value| value.as_array().cloned().unwrap_or_default();
    ways(security).iter().any(|way| {
        let mut asked = way.iter();
        asked.all(|(scheme, asked)| {
            let given = known.get(scheme).map(roles);
            given.is_some_and(|given| roles(asked).iter().all(|role| given.contains(role)))
        })
    })
}

pub fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests;

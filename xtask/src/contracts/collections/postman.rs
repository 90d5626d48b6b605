//! Collections in Postman's format (2.1), which other tools read too.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

use super::plan::{Plan, Step};
use crate::contracts::breaking::{entries, resolved};

const FORMAT: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
/// What is done with each answer.
const ANSWERS: &str = include_str!("answers.js");
/// Who needs no token.
const GUEST: &str = "guest";

/// An operation of a document.
pub struct Operation<'a> {
    /// Its name.
    pub id: &'a str,
    /// `GET`, `POST` …
    pub method: String,
    path: &'a str,
    operation: &'a Value,
    document: &'a Value,
}

/// The collection of the gateway at `address`: the steps of the plan, then what reads and is in none of them.
pub fn collection(document: &Value, plan: &Plan, address: &str) -> anyhow::Result<Value> {
    let operations = operations(document);
    let mut folders = Vec::new();
    for chapter in &plan.chapters {
        let mut requests = Vec::new();
        for step in &chapter.steps {
            let operation = operations.iter().find(|operation| operation.id == step.ask);
            let operation = operation.with_context(|| format!("there is no operation {}", step.ask))?;
            requests.push(request(operation, step, plan).with_context(|| step.ask.clone())?);
        }
        folders.push(json!({"name": chapter.name, "item": requests}));
    }
    let rest: Vec<Value> = unplanned(&operations, plan)
        .map(|operation| request(operation, &operation.untold(), plan))
        .collect::<anyhow::Result<_>>()?;
    if !rest.is_empty() {
        folders.push(json!({"name": "Everything else", "item": rest}));
    }

    let known = plan
        .variables
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value}));
    let address = json!({"key": "baseUrl", "value": address});
    let info = &document["info"];
    Ok(json!({
        "info": {"name": info["title"], "description": info["description"], "schema": FORMAT},
        "auth": bearer("token"),
        "variable": std::iter::once(address).chain(known).collect::<Vec<_>>(),
        "event": [script("test", &format!("const documented = {};\n{ANSWERS}", documented(document, &operations)))],
        "item": folders
    }))
}

/// All operations of a document.
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for (method, operation) in entries(item) {
            if let Some(id) = operation["operationId"].as_str() {
                let method = method.to_uppercase();
                found.push(Operation {
                    id,
                    method,
                    path,
                    operation,
                    document,
                });
            }
        }
    }
    found
}

/// The operations that no step asks.
pub fn unplanned<'a>(
    operations: &'a [Operation<'a>],
    plan: &Plan,
) -> impl Iterator<Item = &'a Operation<'a>> {
    let steps = plan.chapters.iter().flat_map(|chapter| &chapter.steps);
    let planned: BTreeSet<String> = steps.map(|step| step.ask.clone()).collect();
    operations
        .iter()
        .filter(move |operation| !planned.contains(operation.id))
}

impl Operation<'_> {
    /// What to do with an operation that the plan says nothing of: read, but neither write nor wait without end.
    fn untold(&self) -> Step {
        let endless = self
            .answers()
            .any(|(_, answer)| !answer["content"]["text/event-stream"].is_null());
        let reason = match self.method.as_str() {
            _ if endless => Some("the answer goes on"),
            "GET" => None,
            _ => Some("it changes something"),
        };
        Step {
            ask: self.id.to_owned(),
            by_hand: reason.map(str::to_owned),
            ..Step::default()
        }
    }

    fn answers(&self) -> impl Iterator<Item = (&str, &Value)> {
        entries(&self.operation["responses"])
            .map(|(status, answer)| (status, resolved(self.document, answer)))
    }

    fn needs_nobody(&self) -> bool {
        self.operation["security"].as_array().is_none_or(Vec::is_empty)
    }
}

fn request(operation: &Operation<'_>, step: &Step, plan: &Plan) -> anyhow::Result<Value> {
    let Asked {
        path,
        query,
        mut headers,
    } = asked(operation, step, plan)?;

    let body = body(operation, step)?;
    if let Some((kind, _)) = &body {
        headers.push(json!({"key": "Content-Type", "value": kind}));
    }
    let name = match &step.note {
        Some(note) => format!("{} ({note})", operation.id),
        None => operation.id.to_owned(),
    };
    let who = match step.who.as_deref() {
        None if operation.needs_nobody() => GUEST,
        None => "token",
        Some(who) => who,
    };
    let mut request = json!({
        "method": operation.method,
        "url": url(&path, query),
        "header": headers,
        "description": description(operation, step),
        "auth": if who == GUEST { json!({"type": "noauth"}) } else { bearer(who) },
    });
    if let Some((kind, text)) = body {
        let language = if kind.ends_with("json") { "json" } else { "text" };
        request["body"] = json!({"mode": "raw", "raw": text, "options": {"raw": {"language": language}}});
    }
    Ok(json!({"name": name, "request": request, "event": events(operation, step)?}))
}

/// What a request asks for besides its body.
struct Asked {
    path: String,
    query: Vec<Value>,
    headers: Vec<Value>,
}

fn asked(operation: &Operation<'_>, step: &Step, plan: &Plan) -> anyhow::Result<Asked> {
    let (mut path, mut query, mut headers) = (operation.path.to_owned(), Vec::new(), Vec::new());
    let mut said: BTreeSet<&str> = step.with.keys().map(String::as_str).collect();
    let parameters = operation.operation["parameters"].as_array().into_iter().flatten();
    for parameter in parameters {
        let parameter = resolved(operation.document, parameter);
        let name = parameter["name"].as_str().unwrap_or_default();
        let is_said = said.remove(name);
        let value = match step.with.get(name) {
            Some(value) => value.clone(),
            None if is_known(name, plan) => format!("{{{{{name}}}}}"),
            None if name == "Idempotency-Key" => "{{$guid}}".to_owned(),
            None => example(parameter).unwrap_or_default(),
        };
        let description = &parameter["description"];
        let left_out = !is_said && parameter["required"] != true;
        let field = json!({"key": name, "value": value, "description": description, "disabled": left_out});
        match parameter["in"].as_str() {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &value),
            Some("query") => query.push(field),
            _ => headers.push(field),
        }
    }
    if let Some(unknown) = said.first() {
        // Proof that a request is meant is a scheme of the document, and no parameter.
        let schemes = entries(&operation.document["components"]["securitySchemes"]);
        let mut schemes = schemes.map(|(_, scheme)| &scheme["name"]);
        ensure!(
            schemes.any(|name| name == unknown),
            "there is no parameter {unknown}"
        );
        headers.push(json!({"key": unknown, "value": step.with[*unknown]}));
    }
    Ok(Asked { path, query, headers })
}

/// The media type and the text of the body.
fn body(operation: &Operation<'_>, step: &Step) -> anyhow::Result<Option<(String, String)>> {
    let contents = &resolved(operation.document, &operation.operation["requestBody"])["content"];
    let wanted = step.media_type.as_deref();
    let content = entries(contents).find(|(kind, _)| wanted.is_none_or(|wanted| wanted == *kind));
    let Some((kind, content)) = content else {
        ensure!(step.body.is_none() && wanted.is_none(), "it takes no such body");
        return Ok(None);
    };
    let body = step.body.as_ref().unwrap_or(&content["example"]);
    let text = match body {
        Value::String(text) => text.clone(),
        body => serde_json::to_string_pretty(body)?,
    };
    Ok(Some((kind.to_owned(), text)))
}

/// What is done before the request and with its answer.
fn events(operation: &Operation<'_>, step: &Step) -> anyhow::Result<Vec<Value>> {
    let mut before = Vec::new();
    if step.by_hand.is_some() {
        let skip = "if (pm.environment.get(\"unattended\")) pm.execution.skipRequest();";
        before.push(script("prerequest", skip));
    }
    let good = |status: &str| status.starts_with('2') || status.starts_with('3');
    let status = match step.status {
        Some(status) => status.to_string(),
        None => {
            let mut good = operation.answers().filter(|(status, _)| good(status));
            good.next().context("it has no good answer")?.0.to_owned()
        }
    };
    let mut lines = vec![format!(
        "pm.test(\"answers {status}\", () => pm.response.to.have.status({status}));"
    )];
    if !step.keep.is_empty() {
        lines.push("const kept = (path) => require(\"lodash\").get(pm.response.json(), path);".to_owned());
    }
    for (name, path) in &step.keep {
        lines.push(format!(
            "pm.test(\"has {name}\", () => pm.expect(kept({path})).to.exist);"
        ));
        lines.push(format!(
            "pm.collectionVariables.set({}, kept({path}));",
            json!(name)
        ));
    }
    before.push(script("test", &lines.join("\n")));
    Ok(before)
}

fn description(operation: &Operation<'_>, step: &Step) -> String {
    let texts = ["summary", "description"]
        .map(|key| operation.operation[key].as_str().unwrap_or_default().to_owned());
    let by_hand = step.by_hand.iter().map(|why| format!("Only by hand: {why}."));
    let texts: Vec<_> = texts
        .into_iter()
        .chain(by_hand)
        .filter(|text| !text.is_empty())
        .collect();
    texts.join("\n\n")
}

fn url(path: &str, query: Vec<Value>) -> Value {
    let sent: Vec<_> = query.iter().filter(|field| field["disabled"] == false).collect();
    let word = |field: &Value, key: &str| field[key].as_str().unwrap_or_default().to_owned();
    let pairs: Vec<_> = sent
        .iter()
        .map(|field| word(field, "key") + "=" + &word(field, "value"))
        .collect();
    let mark = if pairs.is_empty() { "" } else { "?" };
    let segments: Vec<_> = path.trim_start_matches('/').split('/').collect();
    json!({
        "raw": format!("{{{{baseUrl}}}}{path}{mark}{}", pairs.join("&")),
        "host": ["{{baseUrl}}"],
        "path": segments,
        "query": query
    })
}

/// Whether a variable is there by this name, or will be.
fn is_known(name: &str, plan: &Plan) -> bool {
    let mut steps = plan.chapters.iter().flat_map(|chapter| &chapter.steps);
    plan.variables.contains_key(name) || steps.any(|step| step.keep.contains_key(name))
}

fn example(parameter: &Value) -> Option<String> {
    let schema = &parameter["schema"];
    let examples = [&parameter["example"], &schema["example"], &schema["examples"][0]];
    let example = examples.into_iter().find(|example| !example.is_null())?;
    Some(
        example
            .as_str()
            .map_or_else(|| example.to_string(), str::to_owned),
    )
}

/// What the operations answer: the schema by operation, status and media type.
fn documented(document: &Value, operations: &[Operation<'_>]) -> Value {
    let mut all = Map::new();
    for operation in operations {
        let answers = operation.answers().map(|(status, answer)| {
            let contents = entries(&answer["content"]);
            let schemas = contents.map(|(kind, content)| (kind.to_owned(), bare(&content["schema"])));
            (status.to_owned(), Value::Object(schemas.collect()))
        });
        all.insert(operation.id.to_owned(), Value::Object(answers.collect()));
    }
    let schemas = entries(&document["components"]["schemas"]);
    let schemas: Map<_, _> = schemas
        .map(|(name, schema)| (name.to_owned(), bare(schema)))
        .collect();
    json!({"operations": all, "components": {"schemas": schemas}})
}

/// A schema without what only people read, and without formats, which the sandbox does not know.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let is_text = |key: &str, value: &Value| {
                matches!(key, "description" | "format" | "title") && value.is_string()
                    || matches!(key, "example" | "examples")
            };
            let fields = fields.iter().filter(|(key, value)| !is_text(key, value));
            Value::Object(fields.map(|(key, value)| (key.clone(), bare(value))).collect())
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

fn bearer(variable: &str) -> Value {
    let token = json!({"key": "token", "value": format!("{{{{{variable}}}}}"), "type": "string"});
    json!({"type": "bearer", "bearer": [token]})
}

fn script(listen: &str, text: &str) -> Value {
    let lines: Vec<_> = text.lines().collect();
    json!({"listen": listen, "script": {"type": "text/javascript", "exec": lines}})
}

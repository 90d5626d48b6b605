//! Bad input of every kind, made for one operation from its own description.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::hostile_fields::HOSTILE;
use crate::openapi::{Operation, Parameter, Place, sample, substance, types};

/// One bad request.
pub struct Attack {
    /// What is bad about it.
    pub what: String,
    /// Path and query.
    pub target: String,
    /// The media type and the bytes of the body, where there is one.
    pub body: Option<(String, Vec<u8>)>,
    /// What has to come back.
    pub expected: Expected,
}

/// What a bad request deserves.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// A refusal.
    Refused,
    /// A refusal that names this field.
    RefusedFor(String),
    /// Anything but a fault of ours: it is odd, but need not be wrong.
    Survived,
}

use Expected::{Refused, RefusedFor, Survived};

/// Longer than any body that a gateway takes.
const HUGE: usize = 8 * 1024 * 1024;

/// A key that no request had before.
pub fn fresh_key() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("a-new-key-of-number-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// All attacks on an operation.
pub fn on(operation: &Operation) -> Vec<Attack> {
    let mut attacks = on_parameters(operation);
    attacks.extend(on_body(operation));
    attacks
}

/// The path with valid values, but for one.
pub fn target(operation: &Operation, odd: Option<(&Parameter, &str)>, extra: &str) -> String {
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    for parameter in &operation.parameters {
        let value = match odd {
            Some((other, value)) if std::ptr::eq(other, parameter) => value.to_owned(),
            _ => plain(&sample(&parameter.schema)),
        };
        let is_odd = odd.is_some_and(|(other, _)| std::ptr::eq(other, parameter));
        match parameter.place {
            Place::Path => path = path.replace(&format!("{{{}}}", parameter.name), &value),
            Place::Query if is_odd || parameter.required => query.push(format!("{}={value}", parameter.name)),
            _ => {}
        }
    }
    if !extra.is_empty() {
        query.push(extra.to_owned());
    }
    if query.is_empty() {
        path
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn on_parameters(operation: &Operation) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let body = operation.body.as_ref().map(|body| {
        (
            body.media_type.clone(),
            sample(&body.schema).to_string().into_bytes(),
        )
    });
    for parameter in &operation.parameters {
        for (value, expected) in odd_values(parameter) {
            let shown: String = value.chars().take(40).collect();
            attacks.push(Attack {
                what: format!("{} = {shown}", parameter.name),
                target: target(operation, Some((parameter, &value)), ""),
                body: body.clone(),
                expected,
            });
        }
    }
    for extra in ["nonsense=1", "limit=1&limit=2", "%ff=%ff", "&&&==="] {
        attacks.push(Attack {
            what: format!("?{extra}"),
            target: target(operation, None, extra),
            body: body.clone(),
            expected: Survived,
        });
    }
    attacks
}

fn odd_values(parameter: &Parameter) -> Vec<(String, Expected)> {
    let schema = substance(&parameter.schema);
    let kinds = types(schema);
    let mut odd: Vec<(String, Expected)> = Vec::new();
    if parameter.place == Place::Other {
        return odd;
    }
    // What no name and no text is.
    odd.push(("%ff%fe".to_owned(), Refused));
    let in_path = parameter.place == Place::Path;
    if kinds.contains(&"integer") {
        for value in [
            "nonsense",
            "1.5",
            "99999999999999999999",
            "-99999999999999999999",
            "1e3",
            "0x1",
        ] {
            odd.push((value.to_owned(), Refused));
        }
        // No thing has these numbers; a page of that size is a mistake or is cut to what is allowed.
        odd.push(("-1".to_owned(), Refused));
        odd.push((
            "9223372036854775807".to_owned(),
            if in_path { Refused } else { Survived },
        ));
    } else if kinds.contains(&"boolean") || schema["enum"].is_array() {
        odd.push(("nonsense".to_owned(), Refused));
    } else {
        let is_cursor = ["cursor", "after", "page_token", "pageToken"].contains(&parameter.name.as_str());
        let strict = if in_path || is_cursor { Refused } else { Survived };
        for value in [
            "no-such-thing-anywhere",
            "%00",
            "..%2f..%2fetc%2fpasswd",
            "%F0%9F%92%A9",
            "'%22;--%25_",
        ] {
            odd.push((value.to_owned(), strict.clone()));
        }
        odd.push(("x".repeat(8_000), strict.clone()));
        odd.push(("AAAAAAAAAAAAAAAAAAAAAA".to_owned(), strict));
    }
    odd
}

fn on_body(operation: &Operation) -> Vec<Attack> {
    let Some(body) = &operation.body else {
        return Vec::new();
    };
    let good = sample(&body.schema);
    let attack = |what: &str, media_type: &str, bytes: Vec<u8>, expected: Expected| Attack {
        what: what.to_owned(),
        target: target(operation, None, ""),
        body: Some((media_type.to_owned(), bytes)),
        expected,
    };
    let mut attacks = Vec::new();
    if body.media_type != "application/json" {
        attacks.push(attack(
            "noise",
            &body.media_type,
            vec![0xff, 0x00, 0xfe],
            Survived,
        ));
        attacks.push(attack(
            "a type that is not taken",
            "image/png",
            vec![0x89, b'P'],
            Refused,
        ));
        // Files may be larger than other bodies; this one is nonsense all the same.
        let huge = vec![b'x'; HUGE];
        attacks.push(attack("a huge body", &body.media_type, huge, Survived));
        return attacks;
    }
    let json = |what: &str, bytes: &[u8]| attack(what, "application/json", bytes.to_vec(), Refused);
    attacks.extend([
        json("no JSON", b"nonsense"),
        json("half a JSON", br#"{"a":"#),
        json("two JSONs", b"{} {}"),
        json("broken UTF-8", b"{\"title\":\"\xff\xfe\"}"),
        json("half a surrogate", br#"{"title":"\ud800"}"#),
        json("a number beyond all", br#"{"title":1e999}"#),
        json("a list", b"[]"),
        json("a text", br#""text""#),
        json("a number", b"17"),
        json("deep nesting", "[".repeat(50_000).as_bytes()),
        json(
            "a huge body",
            format!("{{\"title\":\"{}\"}}", "x".repeat(HUGE)).as_bytes(),
        ),
    ]);
    if body.required {
        attacks.push(json("no body", b""));
        attacks.push(json("null", b"null"));
    }
    let bytes = good.to_string().into_bytes();
    attacks.push(attack(
        "a text's content type",
        "text/plain",
        bytes.clone(),
        Refused,
    ));
    attacks.push(attack(
        "a form's content type",
        "application/x-www-form-urlencoded",
        bytes.clone(),
        Refused,
    ));
    attacks.push(attack("no sensible content type", "nonsense", bytes, Refused));
    for (what, value, expected) in odd_bodies(&body.schema, &good) {
        attacks.push(attack(
            &what,
            "application/json",
            value.to_string().into_bytes(),
            expected,
        ));
    }
    attacks
}

/// The good body with one thing wrong, for each thing that can be wrong in it.
fn odd_bodies(schema: &Value, good: &Value) -> Vec<(String, Value, Expected)> {
    let mut odd = Vec::new();
    for pointer in objects(good) {
        let mut value = good.clone();
        value.pointer_mut(&pointer).unwrap()["nonsenseField"] = json!(1);
        odd.push((
            format!("an unknown field in {pointer}/"),
            value,
            RefusedFor("nonsenseField".to_owned()),
        ));
    }
    if let Some(known) = good.as_object() {
        let mut value = good.clone();
        for name in HOSTILE.into_iter().filter(|name| !known.contains_key(*name)) {
            value[name] = json!(1);
        }
        odd.push((
            "fields of somebody who wants to be more".to_owned(),
            value,
            RefusedFor("passwordHash".to_owned()),
        ));
    }
    for field in fields(schema, "") {
        let name = field.pointer.rsplit('/').next().unwrap().to_owned();
        let mut with = |what: &str, new: Value, expected: Expected| {
            let mut value = good.clone();
            *value.pointer_mut(&field.pointer).unwrap() = new;
            odd.push((format!("{} {what}", field.pointer), value, expected));
        };
        let refused = || RefusedFor(name.clone());
        let kinds = types(field.schema);
        for (kind, wrong) in [
            ("string", json!("text")),
            ("integer", json!(17)),
            ("number", json!(1.5)),
            ("boolean", json!(true)),
            ("array", json!([1])),
            ("object", json!({"a": 1})),
            ("null", json!(null)),
        ] {
            let taken = kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"));
            let left_out = kind == "null" && !field.required;
            if !kinds.is_empty() && !taken && !left_out {
                with(&format!("as {kind}"), wrong, refused());
            }
        }
        let substance = substance(field.schema);
        if let Some(longest) = substance["maxLength"].as_u64() {
            with("too long", json!("x".repeat(longest as usize + 1)), refused());
        } else if kinds.contains(&"string") {
            with("very long", json!("x".repeat(60_000)), Survived);
        }
        if kinds.contains(&"string") {
            with("with a zero", json!("a\u{0}b"), Survived);
            with(
                "in strange letters",
                json!("\u{202e}\u{feff}\u{1d54f}\u{0301}\u{e000}"),
                Survived,
            );
            if substance["enum"].is_array() {
                with("of no known value", json!("nonsense"), refused());
            }
            if substance["minLength"].as_u64().is_some_and(|least| least > 0) {
                with("empty", json!(""), refused());
            }
        }
        if kinds.contains(&"integer") {
            with("beyond all", json!(u64::MAX), refused());
            for (limit, step) in [("minimum", -1), ("maximum", 1)] {
                if let Some(number) = substance[limit]
                    .as_i64()
                    .and_then(|number| number.checked_add(step))
                {
                    with(&format!("past its {limit}"), json!(number), refused());
                }
            }
        }
        if field.required {
            let mut value = good.clone();
            let (parent, key) = field.pointer.rsplit_once('/').unwrap();
            if let Some(object) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
                object.remove(key);
                odd.push((format!("{} left out", field.pointer), value, refused()));
            }
        }
    }
    odd
}

struct Field<'a> {
    pointer: String,
    schema: &'a Value,
    required: bool,
}

/// Every field of a body, also the inner ones.
fn fields<'a>(schema: &'a Value, pointer: &str) -> Vec<Field<'a>> {
    let schema = substance(schema);
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut found = Vec::new();
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{name}");
        found.extend(fields(inner, &pointer));
        found.push(Field {
            pointer,
            schema: inner,
            required: required.contains(&name.as_str()),
        });
    }
    found
}

/// Every object of a body.
fn objects(value: &Value) -> Vec<String> {
    let mut found = if value.is_object() {
        vec![String::new()]
    } else {
        Vec::new()
    };
    for (name, inner) in value
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, inner)| inner.is_object())
    {
        found.extend(
            objects(inner)
                .into_iter()
                .map(|pointer| format!("/{name}{pointer}")),
        );
    }
    found
}

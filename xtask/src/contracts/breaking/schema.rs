//! Comparing two schemas, in the direction in which their values travel.

use std::{borrow::Cow, collections::HashSet};

use serde_json::Value;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client: whatever was allowed has to stay allowed.
    Sent,
    /// To the client: whatever was promised has to stay promised.
    Told,
}

/// Compares an old document with a new one, and collects what breaks.
pub struct Comparison<'a> {
    old: &'a Value,
    new: &'a Value,
    /// What breaks, a sentence each.
    pub found: Vec<String>,
    /// Pairs of named schemas that were compared: once is enough, and some contain themselves.
    seen: HashSet<(Direction, String, String)>,
}

/// Keywords that let less through the greater, and the smaller, their number is.
const LOWER: [&str; 4] = ["minimum", "exclusiveMinimum", "minLength", "minItems"];
const UPPER: [&str; 4] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"];
/// Keywords that let less through wherever they stand.
const EXACT: [&str; 5] = [
    "pattern",
    "format",
    "multipleOf",
    "uniqueItems",
    "contentMediaType",
];

impl<'a> Comparison<'a> {
    /// Nothing is compared yet.
    pub fn new(old: &'a Value, new: &'a Value) -> Self {
        Self {
            old,
            new,
            found: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Notes something that breaks.
    pub fn report(&mut self, at: &str, what: &str) {
        self.found.push(format!("{at} {what}"));
    }

    /// Compares two schemas of the same thing.
    pub fn schemas(&mut self, at: &str, direction: Direction, old: &Value, new: &Value) {
        let name = |schema: &Value| schema["$ref"].as_str().map(str::to_owned);
        if let (Some(was), Some(is)) = (name(old), name(new))
            && !self.seen.insert((direction, was, is))
        {
            return;
        }
        let (old, new) = (shape(self.old, old), shape(self.new, new));
        if direction == Direction::Told && is_nullable(self.new, &new) && !is_nullable(self.old, &old) {
            self.report(at, "may be null now");
        }
        if direction == Direction::Sent && is_nullable(self.old, &old) && !is_nullable(self.new, &new) {
            self.report(at, "may no longer be null");
        }
        match (&forms(&old)[..], &forms(&new)[..]) {
            ([], []) => self.plain(at, direction, &old, &new),
            ([was], [is]) => self.schemas(at, direction, was, is),
            ([], [is]) => self.schemas(at, direction, &old, is),
            ([was], []) => self.schemas(at, direction, was, &new),
            ([], is) => self.unions(at, direction, &[&old], is),
            (was, []) => self.unions(at, direction, was, &[&new]),
            (was, is) => self.unions(at, direction, was, is),
        }
    }

    /// Compares things of several forms: each old form has to live on in one of the new ones.
    fn unions(&mut self, at: &str, direction: Direction, old: &[&Value], new: &[&Value]) {
        for (number, was) in old.iter().enumerate() {
            let fits = |is: &&Value| {
                let mut attempt = Comparison::new(self.old, self.new);
                attempt.seen.clone_from(&self.seen);
                attempt.schemas(at, direction, was, is);
                attempt.found.is_empty()
            };
            if new.iter().any(fits) {
                continue;
            }
            match new.get(number) {
                Some(is) if old.len() == new.len() => self.schemas(at, direction, was, is),
                _ => self.report(at, &format!("has lost its form {}", number + 1)),
            }
        }
        // Whoever is ready for several forms is ready for one more.
        if direction == Direction::Told && old.len() == 1 {
            self.report(at, "has several forms now");
        }
    }

    /// Compares things of one form.
    fn plain(&mut self, at: &str, direction: Direction, old: &Value, new: &Value) {
        let (narrow, wide) = match direction {
            Direction::Sent => (old, new),
            Direction::Told => (new, old),
        };
        let (of, into) = (types(narrow), types(wide));
        if !into.is_empty() && (of.is_empty() || !of.iter().all(|one| is_one_of(one, &into))) {
            self.report(at, &format!("is {} now, was {}", words(new), words(old)));
            return;
        }
        self.values(at, direction, old, new);
        self.bounds(at, narrow, wide);
        self.fields(at, direction, old, new);
        let closed = |schema: &Value| schema["additionalProperties"] == false;
        if direction == Direction::Sent && closed(new) && !closed(old) {
            self.report(at, "refuses unknown fields now");
        }
        for (part, name) in [
            ("items", "[]"),
            ("additionalProperties", ".*"),
            ("contentSchema", ""),
        ] {
            if old[part].is_object() {
                self.schemas(&format!("{at}{name}"), direction, &old[part], &new[part]);
            }
        }
    }

    fn values(&mut self, at: &str, direction: Direction, old: &Value, new: &Value) {
        match (values(old), values(new)) {
            (Some(old), Some(new)) => {
                for gone in old.iter().filter(|value| !new.contains(value)) {
                    self.report(at, &format!("has lost its value {gone}"));
                }
            }
            (None, Some(_)) if direction == Direction::Sent => self.report(at, "takes only some values now"),
            (Some(_), None) if direction == Direction::Told => self.report(at, "may have any value now"),
            _ => {}
        }
    }

    fn bounds(&mut self, at: &str, narrow: &Value, wide: &Value) {
        let mut differ = |key: &str| self.report(at, &format!("has another {key}"));
        for (keys, is_inside) in [
            (LOWER, (|of, limit| of >= limit) as fn(f64, f64) -> bool),
            (UPPER, |of, limit| of <= limit),
        ] {
            for key in keys {
                let inside = |limit| narrow[key].as_f64().is_some_and(|of| is_inside(of, limit));
                if wide[key].as_f64().is_some_and(|limit| !inside(limit)) {
                    differ(key);
                }
            }
        }
        for key in EXACT {
            let fits = wide[key].is_null()
                || wide[key] == narrow[key]
                || [("int32", "int64"), ("float", "double")]
                    .iter()
                    .any(|(small, large)| narrow[key] == *small && wide[key] == *large);
            if !fits {
                differ(key);
            }
        }
    }

    fn fields(&mut self, at: &str, direction: Direction, old: &Value, new: &Value) {
        for (name, field) in super::entries(&old["properties"]) {
            let at = format!("{at} .{name}");
            match new["properties"].get(name) {
                Some(now) => self.schemas(&at, direction, field, now),
                None => self.report(&at, "is gone"),
            }
        }
        let (more, fewer, what) = match direction {
            Direction::Sent => (new, old, "is required now"),
            Direction::Told => (old, new, "may be missing now"),
        };
        for name in list(&more["required"]) {
            let word = name.as_str().unwrap_or_default();
            let is_gone = direction == Direction::Told && new["properties"].get(word).is_none();
            if !list(&fewer["required"]).contains(name) && !is_gone {
                self.report(&format!("{at} .{word}"), what);
            }
        }
    }
}

/// What a value refers to, or the value itself.
pub fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => {
            let there = document.pointer(place.trim_start_matches('#'));
            resolved(document, there.unwrap_or(&Value::Null))
        }
        None => value,
    }
}

/// A schema with its reference followed and its parts put together.
fn shape<'a>(document: &'a Value, schema: &'a Value) -> Cow<'a, Value> {
    let schema = resolved(document, schema);
    if schema["allOf"].is_null() {
        return Cow::Borrowed(schema);
    }
    let mut whole = schema.clone();
    whole["allOf"] = Value::Null;
    for part in list(&schema["allOf"]) {
        for (key, value) in super::entries(&shape(document, part)) {
            match (&mut whole[key], value) {
                (Value::Object(all), Value::Object(more)) => all.extend(more.clone()),
                (Value::Array(all), Value::Array(more)) => all.extend_from_slice(more),
                (place, value) => *place = value.clone(),
            }
        }
    }
    Cow::Owned(whole)
}

/// The forms that a value may have besides null; none where it has the one that is written here.
fn forms(shape: &Value) -> Vec<&Value> {
    let forms = ["oneOf", "anyOf"].into_iter().flat_map(|key| list(&shape[key]));
    forms.filter(|form| form["type"] != "null").collect()
}

fn is_nullable(document: &Value, shape: &Value) -> bool {
    let mut forms = ["oneOf", "anyOf"].into_iter().flat_map(|key| list(&shape[key]));
    let has_null = |types: &Value| types == "null" || list(types).iter().any(|one| one == "null");
    has_null(&shape["type"]) || forms.any(|form| has_null(&resolved(document, form)["type"]))
}

/// The names of a shape's types but null; none where any will do.
fn types(shape: &Value) -> Vec<&str> {
    let one = shape["type"].as_str();
    let several = list(&shape["type"]).iter().filter_map(Value::as_str);
    one.into_iter()
        .chain(several)
        .filter(|name| *name != "null")
        .collect()
}

fn is_one_of(one: &str, types: &[&str]) -> bool {
    types.contains(&one) || (one == "integer" && types.contains(&"number"))
}

fn words(shape: &Value) -> String {
    let types = types(shape);
    if types.is_empty() {
        "anything".to_owned()
    } else {
        types.join(" or ")
    }
}

/// The values but null, where only some are allowed.
fn values(shape: &Value) -> Option<Vec<Value>> {
    let some = shape.get("const").map(|only| vec![only.clone()]);
    let some = some.or_else(|| shape["enum"].as_array().cloned());
    some.map(|values| values.into_iter().filter(|value| !value.is_null()).collect())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

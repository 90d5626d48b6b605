//! The schema of a type as it is documented, as something that checks values.

use std::{
    any::TypeId,
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, json};
use utoipa::ToSchema;

use super::words;
use crate::error::{Violation, ViolationKind};

/// How many mistakes of one input are told: there can be as many as it has bytes, and each is told in many more.
const TOLD_AT_MOST: usize = 100;

/// A documented schema, ready for use.
pub(super) struct Schema {
    document: Value,
    validator: Validator,
}

/// The value as a `T`, or what is wrong with it, the first hundred mistakes.
pub(super) fn read<T>(mut value: Value) -> Result<T, Vec<Violation>>
where
    T: DeserializeOwned + ToSchema + 'static,
{
    let violations: Vec<_> = of::<T>()
        .validator
        .iter_errors(&value)
        .flat_map(words::violations)
        .take(TOLD_AT_MOST)
        .collect();
    if !violations.is_empty() {
        return Err(violations);
    }
    whole_numbers(&mut value);
    serde_json::from_value(value).map_err(|error| {
        tracing::warn!(%error, type_name = std::any::type_name::<T>(), "the schema allows what the type does not");
        vec![Violation::new("", ViolationKind::WrongType, "has a wrong shape")]
    })
}

/// The schema of `T`, made once.
pub(super) fn of<T: ToSchema + 'static>() -> Arc<Schema> {
    static SCHEMAS: OnceLock<RwLock<HashMap<TypeId, Arc<Schema>>>> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(RwLock::default);
    let key = TypeId::of::<T>();
    if let Some(schema) = schemas.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return schema.clone();
    }
    let schema = Arc::new(Schema::new::<T>());
    schemas
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .entry(key)
        .or_insert(schema)
        .clone()
}

impl Schema {
    fn new<T: ToSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        let parts: Map<_, _> = parts
            .into_iter()
            .map(|(name, part)| (name, json!(part)))
            .collect();
        let mut document = json!(T::schema());
        document["components"] = json!({ "schemas": parts });
        bound_numbers(&mut document);
        let validator = jsonschema::draft202012::new(&document)
            .unwrap_or_else(|error| panic!("the schema of {} is none: {error}", T::name()));
        Self { document, validator }
    }

    /// Whether the field `name` may be of this JSON type.
    pub(super) fn allows(&self, name: &str, json_type: &str) -> bool {
        self.document["properties"]
            .get(name)
            .is_some_and(|field| self.field_allows(field, json_type))
    }

    fn field_allows(&self, field: &Value, json_type: &str) -> bool {
        let referred = field["$ref"]
            .as_str()
            .and_then(|path| self.document.pointer(path.strip_prefix('#')?));
        let variants = ["oneOf", "anyOf", "allOf"]
            .into_iter()
            .filter_map(|key| field[key].as_array())
            .flatten();
        let of_type = match &field["type"] {
            Value::String(one) => one == json_type,
            Value::Array(several) => several.iter().any(|one| one == json_type),
            _ => false,
        };
        of_type
            || referred
                .into_iter()
                .chain(variants)
                .any(|field| self.field_allows(field, json_type))
    }
}

/// Makes the formats `int32` and `int64`, which only describe, into bounds that are checked.
fn bound_numbers(schema: &mut Value) {
    let bounds = match schema["format"].as_str() {
        Some("int32") => Some((json!(i32::MIN), json!(i32::MAX))),
        Some("int64") => Some((json!(i64::MIN), json!(i64::MAX))),
        _ => None,
    };
    match schema {
        Value::Object(fields) => {
            if let Some((least, most)) = bounds {
                fields.entry("minimum").or_insert(least);
                fields.entry("maximum").or_insert(most);
            }
            fields.values_mut().for_each(bound_numbers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_numbers),
        _ => {}
    }
}

/// Writes `1.0` as `1`: to JSON they are the same number, to serde they are not.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            // Beyond 2^53 a float has no place for a fraction, nor for the exact number.
            let whole = number
                .as_f64()
                .filter(|float| float.fract() == 0.0 && float.abs() <= 2f64.powi(53));
            if let Some(whole) = whole {
                *number = Number::from(whole as i64);
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        _ => {}
    }
}

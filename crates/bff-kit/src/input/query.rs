//! Query strings.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::schema;
use crate::error::{ApiError, Violation, ViolationKind};

/// A query string of the shape that `T` is documented with.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T, S> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned + ToSchema + 'static,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut values = BTreeMap::<String, Vec<String>>::new();
        let query = parts.uri.query().unwrap_or_default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).ok_or_else(|| invalid("", "has a name that is not UTF-8"))?;
            let value = decoded(value).ok_or_else(|| invalid(&name, "is not UTF-8"))?;
            // PostgreSQL takes no text that has one.
            if value.contains('\0') {
                return Err(invalid(&name, "has a NUL character"));
            }
            values.entry(name).or_default().push(value);
        }
        let object = values
            .into_iter()
            .map(|(name, texts)| Ok((name.clone(), typed::<T>(&name, texts)?)));
        let object = object.collect::<Result<Map<_, _>, ApiError>>()?;
        schema::read(Value::Object(object))
            .map(Self)
            .map_err(ApiError::Invalid)
    }
}

/// The text behind `+` and `%20`. Nothing where it is no text: with a substitute we would search for something
/// that nobody asked for.
fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

fn invalid(field: &str, detail: &str) -> ApiError {
    ApiError::Invalid(vec![Violation::new(field, ViolationKind::Rule, detail)])
}

/// The value of a parameter, of the type that its schema asks for where the text allows it.
fn typed<T: ToSchema + 'static>(name: &str, mut texts: Vec<String>) -> Result<Value, ApiError> {
    let wanted = schema::of::<T>();
    if wanted.allows(name, "array") {
        return Ok(Value::from(texts));
    }
    let Some(text) = texts.pop().filter(|_| texts.is_empty()) else {
        return Err(invalid(name, "is given more than once"));
    };
    let number = if wanted.allows(name, "integer") {
        text.parse::<i64>().map(Value::from).ok()
    } else {
        None
    };
    let truth = if wanted.allows(name, "boolean") {
        text.parse::<bool>().map(Value::from).ok()
    } else {
        None
    };
    Ok(number.or(truth).unwrap_or(Value::String(text)))
}

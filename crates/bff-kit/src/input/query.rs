//! Query strings.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use http::request::Parts;
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
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| invalid("", "is not a query string"))?;
        let mut values = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs.0 {
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

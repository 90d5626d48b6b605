//! Bodies.

use std::error::Error;

use axum::extract::{FromRequest, Request};
use http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::schema;
use crate::error::ApiError;

/// How many lists and objects of a body may be within each other. No input of ours comes near.
const MAX_DEPTH: usize = 32;

/// A JSON body of the shape that `T` is documented with.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned + ToSchema + 'static,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let bytes = match request.into_body().collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if is_too_large(&error) => return Err(ApiError::BodyTooLarge),
            Err(_) => return Err(malformed("The body broke off.")),
        };
        schema::read(parse(&bytes)?).map(Self).map_err(ApiError::Invalid)
    }
}

fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Err(malformed("The body is empty."));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        malformed(&format!(
            "The body is not UTF-8 from byte {} on.",
            error.valid_up_to() + 1
        ))
    })?;
    let value = serde_json::from_str(text).map_err(|error| {
        // Serde's text ends with the same place in its own words.
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default();
        malformed(&format!(
            "Line {}, column {}: {what}.",
            error.line(),
            error.column()
        ))
    })?;
    match is_deeper(&value, MAX_DEPTH) {
        true => Err(malformed("The body is nested more than 32 levels deep.")),
        false => Ok(value),
    }
}

/// Whether there are more than so many lists and objects within each other.
fn is_deeper(value: &Value, levels: usize) -> bool {
    let within = |inner| is_deeper(inner, levels - 1);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(within),
        Value::Object(fields) => levels == 0 || fields.values().any(within),
        _ => false,
    }
}

fn malformed(detail: &str) -> ApiError {
    ApiError::Malformed {
        detail: detail.to_owned(),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// The type of a body, without what follows it.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// For fields where null says something else than nothing, as in a patch: with
/// `#[serde(default, deserialize_with = "present")]` an `Option<Option<_>>` is `None` where the field is
/// not there, and `Some(None)` where it is null.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

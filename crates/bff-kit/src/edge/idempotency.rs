//! `Idempotency-Key`: what a client calls a write by, so that it can send it again and have its effect only once.
//!
//! The key goes to the core with every call that writes, and the core keeps it in the transaction that has the effect,
//! together with its answer. (After draft-ietf-httpapi-idempotency-key-header.)

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    extract::{FromRequestParts, Request},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};

use super::{
    CallContext,
    stack::{Layer, Next},
};
use crate::error::{ApiError, Violation, ViolationKind};

/// The header with the key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header, and the core's metadata, of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long a key is.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=255;

/// The key of a request, and whether the core has answered it before.
#[derive(Clone, Debug)]
pub struct Idempotency {
    key: MetadataValue<Ascii>,
    replayed: Arc<AtomicBool>,
}

impl Idempotency {
    /// The key that a client gave: quoted, as the draft has it, or bare, as most clients send it.
    fn from_client(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(KEY).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let text = value.to_str().ok().filter(|_| values.next().is_none());
        let bare = text.map(|text| {
            let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            quoted.unwrap_or(text)
        });
        let sane = |key: &&str| {
            let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
            LENGTH.contains(&key.len()) && key.bytes().all(plain)
        };
        let key = bare.filter(sane).and_then(|key| key.parse().ok());
        let key = key.ok_or_else(|| {
            let text = "has to be one key of 16 to 255 letters, digits and signs, such as a UUID";
            ApiError::Invalid(vec![Violation::new("Idempotency-Key", ViolationKind::Rule, text)])
        })?;
        Ok(Some(Self {
            key,
            replayed: Arc::default(),
        }))
    }

    /// The key, for the core.
    pub(crate) fn key(&self) -> MetadataValue<Ascii> {
        self.key.clone()
    }

    /// Takes note of what the core says of its answer.
    pub(crate) fn note(&self, answer: &MetadataMap) {
        if answer.contains_key(REPLAYED.as_str()) {
            self.replayed.store(true, Ordering::Relaxed);
        }
    }
}

/// As an argument of a handler: the request has to have a key, because nobody wants its effect twice.
#[derive(Clone, Copy, Debug)]
pub struct RequiredKey;

impl<S: Sync> FromRequestParts<S> for RequiredKey {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let context = CallContext::current();
        let key = context.and_then(|context| context.idempotency);
        key.map(|_| Self).ok_or(ApiError::KeyMissing)
    }
}

/// Makes the key of a write known to its calls, and says of an answer that it was given before.
pub(super) struct Keys;

impl Layer for Keys {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        if request.method().is_safe() {
            return next.run(request).await;
        }
        let Some(context) = CallContext::current() else {
            return next.run(request).await;
        };
        let idempotency = match Idempotency::from_client(request.headers()) {
            Ok(Some(idempotency)) => idempotency,
            Ok(None) => return next.run(request).await,
            Err(error) => return error.into_response(),
        };
        let replayed = idempotency.replayed.clone();
        let context = CallContext {
            idempotency: Some(idempotency),
            ..context
        };
        let mut response = context.scope(next.run(request)).await;
        if replayed.load(Ordering::Relaxed) {
            let yes = HeaderValue::from_static("true");
            response.headers_mut().insert(REPLAYED, yes);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[&'static str]) -> Result<Option<String>, ApiError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(KEY, HeaderValue::from_static(value));
        }
        let found = Idempotency::from_client(&headers)?;
        Ok(found.map(|found| found.key.to_str().expect("ASCII").to_owned()))
    }

    #[test]
    fn takes_a_key_with_quotes_or_without() {
        let uuid = Ok(Some("0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f".to_owned()));
        assert_eq!(key(&["0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f"]), uuid);
        assert_eq!(key(&["\"0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f\""]), uuid);
        assert_eq!(key(&[]), Ok(None));
    }

    #[test]
    fn refuses_what_is_no_key() {
        let long: &'static str = "k".repeat(256).leak();
        for bad in [
            &["short"][..],
            &[""],
            &["with spaces in between"],
            &["\"broken-quotes-are-no-key"],
            &[long],
            &["0192f0c1-7c1e-7e6b", "0192f0c1-7c1e-7e6b"],
        ] {
            assert!(matches!(key(bad), Err(ApiError::Invalid(_))), "{bad:?}");
        }
    }
}

//! Who a request is made for: the bearer of a token, which only the core can tell good from bad.

use std::fmt;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::{HeaderMap, header, request::Parts};
use tonic::metadata::{Ascii, MetadataValue};

use crate::error::ApiError;

/// No token of the core is longer, and one that is as long as a head may be would leave no room in the head of a call.
const LONGEST_BYTES: usize = 1024;
/// The scheme of a token that is sent by itself.
const BEARER: [&str; 1] = ["bearer"];

/// Whoever sent a token. Says nothing about whether the token is any good.
///
/// As an argument of a handler it is the token of `Authorization: Bearer …`; `Option<Viewer>` where
/// nobody needs to be signed in.
#[derive(Clone)]
pub struct Viewer {
    token: Box<str>,
}

impl Viewer {
    /// The bearer of `token`, wherever a gateway has it from. [`ApiError::TokenInvalid`] where no token
    /// can look like this.
    pub fn with_token(token: &str) -> Result<Self, ApiError> {
        let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
        if token.is_empty() || token.len() > LONGEST_BYTES || !plain {
            return Err(ApiError::TokenInvalid);
        }
        Ok(Self { token: token.into() })
    }

    /// The token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What the core is told.
    pub(crate) fn authorization(&self) -> MetadataValue<Ascii> {
        let text = format!("Bearer {}", self.token);
        let mut authorization: MetadataValue<Ascii> = text.parse().expect("a token is of plain letters");
        authorization.set_sensitive(true);
        authorization
    }

    /// The bearer of the token in `Authorization: SCHEME TOKEN`, whichever of these schemes it has; nothing without the header.
    pub fn from_headers(headers: &HeaderMap, schemes: &[&str]) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let credentials = value.to_str().ok().filter(|_| values.next().is_none());
        let (scheme, token) = credentials
            .and_then(|text| text.split_once(' '))
            .ok_or(ApiError::TokenInvalid)?;
        if !schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(ApiError::TokenInvalid);
        }
        Self::with_token(token.trim()).map(Some)
    }
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Viewer(…)")
    }
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::from_headers(&parts.headers, &BEARER)?.ok_or(ApiError::TokenMissing)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Viewer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        Self::from_headers(&parts.headers, &BEARER)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn viewer(values: &[&'static str]) -> Result<Option<String>, ApiError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        Viewer::from_headers(&headers, &BEARER).map(|viewer| viewer.map(|viewer| viewer.token().to_owned()))
    }

    #[test]
    fn takes_one_bearer_token_and_nothing_else() {
        assert_eq!(viewer(&[]), Ok(None));
        assert_eq!(viewer(&["Bearer abc"]), Ok(Some("abc".to_owned())));
        assert_eq!(viewer(&["bearer abc"]), Ok(Some("abc".to_owned())));
        for bad in [
            &["Bearer"][..],
            &["Bearer "],
            &["Bearer a b"],
            &["Basic abc"],
            &["abc"],
            &[""],
            &["Bearer a", "Bearer b"],
        ] {
            assert_eq!(viewer(bad), Err(ApiError::TokenInvalid), "{bad:?}");
        }
    }

    #[test]
    fn a_token_has_as_many_bytes_as_the_core_gives_it_at_most() {
        let of = |bytes: usize| Viewer::with_token(&"a".repeat(bytes)).is_ok();
        assert_eq!((of(LONGEST_BYTES), of(LONGEST_BYTES + 1)), (true, false));
    }

    #[test]
    fn never_shows_its_token() {
        let viewer = Viewer::with_token("abc").expect("a token");
        assert!(!format!("{viewer:?} {:?}", viewer.authorization()).contains("abc"));
    }
}

//! Who is signed in: by the token of a header, or by the cookie of a browser.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use bff_kit::{ApiError, Viewer};
use http::request::Parts;

use super::{SessionCookie, csrf};

/// Conduit's own word for it, and everybody's.
const SCHEMES: [&str; 2] = ["token", "bearer"];

/// Whoever is signed in: `Authorization: Token …` or `Bearer …`, otherwise the cookie.
///
/// With the cookie, which browsers send of their own accord, a request that changes something also needs
/// `x-csrf: 1`.
#[derive(Debug)]
pub(crate) struct SignedIn {
    viewer: Viewer,
    by_cookie: bool,
}

impl SignedIn {
    /// The token, unless it came in the cookie: scripts are not to see that one.
    pub(crate) fn token_to_show(&self) -> Option<&str> {
        (!self.by_cookie).then(|| self.viewer.token())
    }

    fn find(parts: &Parts, cookie: SessionCookie) -> Result<Option<Self>, ApiError> {
        if let Some(viewer) = Viewer::from_headers(&parts.headers, &SCHEMES)? {
            return Ok(Some(Self {
                viewer,
                by_cookie: false,
            }));
        }
        let Some(token) = cookie.find(&parts.headers)? else {
            return Ok(None);
        };
        let viewer = Viewer::with_token(token)?;
        if !parts.method.is_safe() {
            csrf::is_meant(&parts.headers)?;
        }
        Ok(Some(Self {
            viewer,
            by_cookie: true,
        }))
    }
}

impl Deref for SignedIn {
    type Target = Viewer;

    fn deref(&self) -> &Viewer {
        &self.viewer
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    SessionCookie: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Self::find(parts, SessionCookie::from_ref(state))?.ok_or(ApiError::TokenMissing)
    }
}

impl<S> OptionalFromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    SessionCookie: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, ApiError> {
        Self::find(parts, SessionCookie::from_ref(state))
    }
}

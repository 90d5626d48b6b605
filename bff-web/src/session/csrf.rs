//! Requests that somebody else's page lets the browser make. Three layers keep them out: the cookie is
//! `SameSite=Strict`, the browser says where a request comes from, and every change needs a header that no
//! other origin can send unasked.

use axum::extract::Request;
use bff_kit::{ApiError, ApiResult};
use http::{HeaderMap, Method, header::AUTHORIZATION};

use super::SessionCookie;

/// The header that a page of another origin cannot send unasked, and what has to be in it.
const HEADER: (&str, &str) = ("x-csrf", "1");
/// Signs in with a cookie always …
const SIGN_IN: &str = "/api/session";
/// … or where tokens are not shown.
const CONDUIT_SIGN_INS: [&str; 2] = ["/api/users", "/api/users/login"];

/// What has to be guarded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    cookie: SessionCookie,
    /// Whether Conduit's sign-ins answer with a token and set no cookie.
    shows_tokens: bool,
}

impl Guard {
    /// A guard of this cookie.
    pub(crate) fn new(cookie: SessionCookie, shows_tokens: bool) -> Self {
        Self { cookie, shows_tokens }
    }

    /// Whether a page of another origin may be behind a request: it comes with the cookie, or signs in and so sets it.
    /// Whoever sends a token in a header is no browser that was tricked into it.
    pub(crate) fn suspects(self, request: &Request) -> ApiResult<bool> {
        let signs_in = self.signs_in(request);
        if signs_in {
            is_meant(request.headers())?;
        }
        Ok(signs_in || self.comes_with_cookie(request.headers()))
    }

    fn signs_in(self, request: &Request) -> bool {
        let path = request.uri().path();
        request.method() == Method::POST
            && (path == SIGN_IN || (!self.shows_tokens && CONDUIT_SIGN_INS.contains(&path)))
    }

    fn comes_with_cookie(self, headers: &HeaderMap) -> bool {
        !headers.contains_key(AUTHORIZATION) && !matches!(self.cookie.find(headers), Ok(None))
    }
}

/// Whether the header says that a page of ours meant it.
pub(super) fn is_meant(headers: &HeaderMap) -> ApiResult<()> {
    match headers.get(HEADER.0) {
        Some(value) if value == HEADER.1 => Ok(()),
        _ => Err(ApiError::CsrfHeaderMissing),
    }
}

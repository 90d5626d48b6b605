//! Who may keep an answer: nobody what is private, wrong or a secret; everybody the rest, as long as they
//! ask each time whether it is still true.

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    credential,
    stack::{Layer, Next},
};

/// For one person, or for nobody: kept nowhere.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// The same for everybody: kept, and asked about each time, which costs a 304.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");

/// Says who may keep an answer.
pub(super) struct Caching {
    /// The cookies that a session can come in.
    pub(super) session_cookies: &'static [&'static str],
}

impl Layer for Caching {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let signed_in = credential::of(request.headers(), self.session_cookies).is_some();
        let safe = request.method().is_safe();
        let mut response = next.run(request).await;

        let status = response.status();
        let headers = response.headers_mut();
        if is_secret(status, headers) {
            headers.insert(header::CACHE_CONTROL, NO_STORE);
        } else if !headers.contains_key(header::CACHE_CONTROL) {
            let policy = if signed_in || !safe { NO_STORE } else { REVALIDATE };
            headers.insert(header::CACHE_CONTROL, policy);
        }
        if safe {
            headers.append(header::VARY, varies_by(self.session_cookies));
        }
        response
    }
}

/// Whether it must not be kept, whatever its route says.
fn is_secret(status: StatusCode, headers: &HeaderMap) -> bool {
    status.is_client_error() || status.is_server_error() || headers.contains_key(header::SET_COOKIE)
}

/// What makes an answer another one. What it is compressed with, and which origin asked, is said by those
/// who see to it.
fn varies_by(session_cookies: &[&str]) -> HeaderValue {
    HeaderValue::from_static(match session_cookies {
        [] => "authorization",
        _ => "authorization, cookie",
    })
}

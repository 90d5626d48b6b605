//! The cookie by which a browser is known that somebody has signed in on before. It outlives the session: whoever guesses
//! at an account cannot keep its owner out of a browser that has it.

use http::{HeaderMap, HeaderName, HeaderValue, header::SET_COOKIE};

use super::{SessionCookie, cookie};

/// How long it lasts after the last sign-in: a year.
const ENDS: &str = "; Max-Age=31536000";

/// What came in it; nothing where there is none.
pub(crate) fn find(session: SessionCookie, headers: &HeaderMap) -> String {
    let found = cookie::find(headers, name(session)).unwrap_or_default();
    found.unwrap_or_default().to_owned()
}

/// The field of an answer that stores it, where there is something to store.
pub(crate) fn set(session: SessionCookie, token: &str) -> Option<(HeaderName, HeaderValue)> {
    let written = || cookie::write(name(session), token, "Strict", session.is_secure(), ENDS);
    (!token.is_empty()).then(|| (SET_COOKIE, written()))
}

fn name(session: SessionCookie) -> &'static str {
    match session.is_secure() {
        true => "__Host-Http-device",
        false => "device",
    }
}

//! How new an answer is: a client that has written something sees it from then on, through whichever gateway it asks;
//! and an answer that is one of the past says so.
//!
//! A write is answered with its place in the core's log of changes (`Change-Position`; browsers get it as a cookie as
//! well, which comes back by itself), and a request that brings such a place is answered with nothing older.

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    CallContext, credential,
    stack::{Layer, Next},
};
use crate::core::Place;

/// The header, both ways.
pub(crate) const POSITION: HeaderName = HeaderName::from_static("change-position");
/// RFC 9211: who answered from what was kept.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// The cookie over https, and over anything.
const COOKIES: [&str; 2] = ["__Host-Http-seen", "seen"];
/// How long browsers bring it back, in seconds: all gateways have long heard of the write by then.
const LASTS: u32 = 60;

/// Says where a write stands in the log of changes, and how old an answer of the past is.
#[derive(Clone, Copy)]
pub(super) struct Freshness {
    /// Whether clients are browsers that have a session in a cookie.
    pub(super) cookies: bool,
    /// Whether these travel over https only.
    pub(super) https: bool,
}

/// The place that a client has seen already. What cannot be read asks for nothing.
pub(super) fn at_least(headers: &HeaderMap) -> Option<Place> {
    let header = headers.get(POSITION).and_then(|value| value.to_str().ok());
    let cookie = || credential::cookie(headers, &COOKIES).and_then(|value| std::str::from_utf8(value).ok());
    Place::read(header.or_else(cookie)?)
}

impl Layer for Freshness {
    async fn handle(&self, request: Request, next: impl Next) -> Response {
        let mut response = next.run(request).await;
        let noted = CallContext::with(|context| (context.written(), context.stale()));
        let (written, stale) = noted.unwrap_or_default();
        let headers = response.headers_mut();
        if let Some(place) = written
            && let Ok(value) = HeaderValue::try_from(place.to_string())
        {
            headers.insert(POSITION, value);
            if self.cookies {
                headers.append(header::SET_COOKIE, self.cookie(place));
            }
        }
        if let Some(age) = stale {
            headers.insert(header::AGE, age.into());
            headers.insert(
                CACHE_STATUS,
                HeaderValue::from_static("triptych; hit; detail=stale"),
            );
        }
        response
    }
}

impl Freshness {
    fn cookie(self, place: Place) -> HeaderValue {
        let (name, secure) = match self.https {
            true => (COOKIES[0], "; Secure"),
            false => (COOKIES[1], ""),
        };
        let text = format!("{name}={place}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age={LASTS}");
        HeaderValue::try_from(text).expect("digits, a dot and plain words")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_in_the_header_or_in_the_cookie() {
        let place = Place {
            epoch: 0xabc,
            seq: 42,
        };
        for (name, value) in [
            (POSITION, place.to_string()),
            (header::COOKIE, format!("sid=x; seen={place}")),
            (header::COOKIE, format!("__Host-Http-seen={place}")),
        ] {
            let headers = HeaderMap::from_iter([(name, value.parse().expect("ASCII"))]);
            assert_eq!(at_least(&headers), Some(place));
        }
    }

    #[test]
    fn what_is_no_place_asks_for_nothing() {
        for value in [
            "",
            "7",
            "0000000000000abc.",
            "0000000000000abc.-1",
            "xyz.1",
            "0000000000000abc.99999999999999999999",
        ] {
            let headers = HeaderMap::from_iter([(POSITION, value.parse().expect("ASCII"))]);
            assert_eq!(at_least(&headers), None, "{value}");
        }
    }
}

//! How new an answer is: a client that has written something sees it from then on, through whichever gateway it asks;
//! and an answer that is one of the past says so.
//!
//! A write is answered with its place in the core's log of changes (`Change-Position`; browsers get it as a cookie as
//! well, which comes back by itself), and a request that brings such a place is answered with nothing older. Where the
//! core cannot say in time where a write stands, it is `unknown`, and a request that brings that is answered with
//! nothing that was kept.

use std::time::Duration;

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    CallContext, credential,
    stack::{Layer, Next},
};
use crate::core::{Seen, UNSURE};

/// The header, both ways.
pub(crate) const POSITION: HeaderName = HeaderName::from_static("change-position");
/// RFC 9211: who answered from what was kept.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
/// The cookie over https, and over anything.
const COOKIES: [&str; 2] = ["__Host-Http-seen", "seen"];
/// How long browsers bring a place back: all gateways have long heard of the write by then.
const LASTS: Duration = Duration::from_secs(60);

/// Says where a write stands in the log of changes, and how old an answer of the past is.
#[derive(Clone, Copy)]
pub(super) struct Freshness {
    /// Whether clients are browsers that have a session in a cookie.
    pub(super) cookies: bool,
    /// Whether these travel over https only.
    pub(super) https: bool,
}

/// What a client has seen already.
pub(super) fn at_least(headers: &HeaderMap) -> Seen {
    let header = headers.get(POSITION).and_then(|value| value.to_str().ok());
    let cookie = || credential::cookie(headers, &COOKIES).and_then(|value| std::str::from_utf8(value).ok());
    header.or_else(cookie).map(Seen::by_client).unwrap_or_default()
}

impl Layer for Freshness {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let mut response = next.run(request).await;
        let noted = CallContext::with(|context| (context.written(), context.stale()));
        let (written, stale) = noted.unwrap_or_default();
        let headers = response.headers_mut();
        if written != Seen::Nothing {
            let text = HeaderValue::try_from(written.to_string()).expect("digits and a dot, or a word");
            headers.insert(POSITION, text);
            if self.cookies {
                headers.append(header::SET_COOKIE, self.cookie(written));
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
    fn cookie(self, written: Seen) -> HeaderValue {
        let (name, secure) = match self.https {
            true => (COOKIES[0], "; Secure"),
            false => (COOKIES[1], ""),
        };
        let lasts = match written {
            // By then every gateway has heard of it, or knows that it has heard nothing. No longer, because whoever brings
            // it costs the core as much as if nothing were kept at all.
            Seen::Unknown => UNSURE,
            _ => LASTS,
        };
        let lasts = lasts.as_secs();
        let text = format!("{name}={written}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age={lasts}");
        HeaderValue::try_from(text).expect("digits, dots and plain words")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_comes_back_in_the_header_or_in_the_cookie() {
        for said in ["0000000000000abc.42", "unknown"] {
            for (name, value) in [
                (POSITION, said.to_owned()),
                (header::COOKIE, format!("sid=x; seen={said}")),
                (header::COOKIE, format!("__Host-Http-seen={said}")),
            ] {
                let headers = HeaderMap::from_iter([(name, value.parse().expect("ASCII"))]);
                assert_eq!(at_least(&headers).to_string(), said);
            }
        }
    }

    #[test]
    fn browsers_bring_what_is_unknown_back_for_a_moment_only() {
        let freshness = Freshness {
            cookies: true,
            https: true,
        };
        let lasts = |said| {
            let cookie = freshness.cookie(Seen::by_client(said));
            let text = cookie.to_str().expect("ASCII");
            text.rsplit_once("Max-Age=").expect("it ends").1.to_owned()
        };
        assert_eq!(
            (lasts("unknown"), lasts("0000000000000abc.42")),
            ("5".into(), "60".into())
        );
    }
}

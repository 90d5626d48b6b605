//! Whole pages that are the same for everybody, ready to be sent: their bytes, compressed, and their tag, kept for as long
//! as all the answers are true that they were made from.
//!
//! A page gets here only where nobody was named by the request and everything that it was made from came from the core's
//! public answers (see `core/answers.rs`), none of which was missing or one of the past.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use foldhash::quality::RandomState;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use metrics::Counter;
use moka::sync::Cache;
use twox_hash::XxHash3_128;

use super::{
    CallContext, credential, etag, rate_limit,
    stack::{Layer, Next},
};
use crate::{
    core::{Basis, Changes, Seen, Truth},
    error::ApiError,
};

/// What is larger is made anew each time.
const LARGEST_BYTES: usize = 1024 * 1024;
/// What the fields of a page take, about.
const FIELDS_BYTES: usize = 2 * 1024;
/// Fields that an answer has for one client, or for one moment: whatever has one of them is kept for nobody.
const FOR_ONE: [HeaderName; 3] = [
    header::SET_COOKIE,
    header::CONNECTION,
    HeaderName::from_static("deprecation"),
];

/// The pages that are kept.
#[derive(Clone)]
pub(crate) struct Pages(Arc<Shelf>);

/// Pages by the hash of their address.
type Kept = Cache<u128, Arc<Page>, RandomState>;

struct Shelf {
    /// Nothing where nothing may be kept.
    kept: Option<Kept>,
    changes: Changes,
    session_cookies: &'static [&'static str],
    /// Whether an answer says which origin may read it.
    by_origin: bool,
    kept_total: Counter,
    made_total: Counter,
}

/// A page, with all fields but those that belong to the request: its name, and what is left of its quota.
pub(super) struct Page {
    address: Address<'static>,
    /// The route that made it.
    pub(super) route: Box<str>,
    pub(super) body: Bytes,
    /// The fields with the body …
    pub(super) fields: HeaderMap,
    /// … and for a client that has it already.
    pub(super) fields_unchanged: HeaderMap,
    basis: Basis,
}

/// What a page is asked for by: path and query, what it may be compressed with, and who is to read it, where that matters.
#[derive(PartialEq, Eq)]
pub(super) struct Address<'r> {
    path: Cow<'r, str>,
    encodings: u8,
    origin: Option<Cow<'r, [u8]>>,
}

impl Pages {
    /// Keeps up to about so many bytes of pages; `by_origin` where answers say which origin may read them.
    pub(crate) fn new(
        max_bytes: u64,
        changes: Changes,
        session_cookies: &'static [&'static str],
        by_origin: bool,
    ) -> Self {
        let weigh = |_: &u128, page: &Arc<Page>| {
            let bytes = page.body.len() + page.address.path.len() + page.basis.bytes() + FIELDS_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self(Arc::new(Shelf {
            kept: (max_bytes > 0).then(|| {
                let cache = Cache::builder().max_capacity(max_bytes).weigher(weigh);
                cache.build_with_hasher(RandomState::default())
            }),
            changes,
            session_cookies,
            by_origin,
            kept_total: metrics::counter!("pages_total", "state" => "kept"),
            made_total: metrics::counter!("pages_total", "state" => "made"),
        }))
    }

    /// The page that is kept for a request, if it is what would be made now for somebody who has to see `at_least`.
    pub(super) fn find<B: http_body::Body>(
        &self,
        request: &http::Request<B>,
        at_least: Seen,
    ) -> Option<Arc<Page>> {
        let address = self.address(request)?;
        let page = self.0.kept.as_ref()?.get(&address.key())?;
        let current =
            page.address == address && self.0.changes.truth_of(&page.basis, at_least) == Truth::Current;
        current.then(|| {
            self.0.kept_total.increment(1);
            page
        })
    }

    /// What a request may be answered from, or for: nothing where it says who is asking.
    fn address<'r, B: http_body::Body>(&self, request: &'r http::Request<B>) -> Option<Address<'r>> {
        let headers = request.headers();
        let anybody = request.method() == Method::GET
            && request.body().is_end_stream()
            && !headers.contains_key(header::RANGE)
            && credential::of(headers, self.0.session_cookies).is_none();
        let origin = headers.get(header::ORIGIN).filter(|_| self.0.by_origin);
        Some(Address {
            encodings: encodings(headers).filter(|_| anybody)?,
            path: request.uri().path_and_query()?.as_str().into(),
            origin: origin.map(|origin| origin.as_bytes().into()),
        })
    }
}

impl Address<'_> {
    fn key(&self) -> u128 {
        XxHash3_128::oneshot_with_seed(self.encodings.into(), self.path.as_bytes())
    }

    fn into_owned(self) -> Address<'static> {
        Address {
            path: self.path.into_owned().into(),
            encodings: self.encodings,
            origin: self.origin.map(|origin| origin.into_owned().into()),
        }
    }
}

impl Page {
    /// Whether a client has it that says it has this.
    pub(super) fn is_known(&self, has: Option<&HeaderValue>) -> bool {
        etag::is_known(has, self.fields.get(header::ETAG))
    }
}

/// Keeps the page that is made.
impl Layer for Pages {
    async fn handle(&self, mut request: Box<Request>, next: impl Next) -> Response {
        let (Some(kept), Some(address)) = (&self.0.kept, self.address(&request)) else {
            return next.run(request).await;
        };
        let address = address.into_owned();
        let has = request.headers_mut().remove(header::IF_NONE_MATCH);
        let route = request.extensions().get::<MatchedPath>().cloned();
        let response = next.run(request).await;
        let basis = CallContext::with(CallContext::basis).flatten();
        let response = match (basis, route) {
            (Some(basis), Some(route)) if is_for_all(&response) => {
                self.keep(kept, address, route.as_str(), basis, response).await
            }
            _ => response,
        };
        match etag::is_known(has.as_ref(), response.headers().get(header::ETAG)) {
            true if response.status() == StatusCode::OK => {
                etag::not_modified(response.into_parts().0.headers)
            }
            _ => response,
        }
    }
}

impl Pages {
    async fn keep(
        &self,
        kept: &Kept,
        address: Address<'static>,
        route: &str,
        basis: Basis,
        response: Response,
    ) -> Response {
        let (mut parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => {
                let cause = format!("the page broke off: {error}");
                return ApiError::Internal { cause }.into_response();
            }
        };
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        if body.len() <= LARGEST_BYTES {
            let mut fields = parts.headers.clone();
            rate_limit::forget(&mut fields);
            let page = Page {
                fields_unchanged: etag::not_modified(fields.clone()).into_parts().0.headers,
                fields,
                route: route.into(),
                // No more than its bytes: whoever wrote them may have had room for others.
                body: Bytes::copy_from_slice(&body),
                basis,
                address,
            };
            self.0.made_total.increment(1);
            kept.insert(page.address.key(), Arc::new(page));
        }
        Response::from_parts(parts, Body::from(body))
    }
}

/// Whether an answer may be given to others.
fn is_for_all(response: &Response) -> bool {
    response.status() == StatusCode::OK && !FOR_ONE.iter().any(|field| response.headers().contains_key(field))
}

/// What a client takes, as a set; nothing where it weighs one against the other, which few do.
fn encodings(headers: &HeaderMap) -> Option<u8> {
    let mut set = 0;
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for coding in value.to_str().ok()?.split(',') {
            set |= match coding.trim() {
                "zstd" => 1,
                "br" => 2,
                "gzip" | "x-gzip" => 4,
                "*" => return None,
                weighed if weighed.contains(';') => return None,
                _ => 0,
            };
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(value: &'static str) -> Option<u8> {
        encodings(&HeaderMap::from_iter([(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static(value),
        )]))
    }

    #[test]
    fn clients_that_take_the_same_share_a_page() {
        assert_eq!(set("gzip, deflate, br, zstd"), set("zstd,br,gzip"));
        assert_ne!(set("gzip"), set("br"));
        assert_eq!(set("deflate"), Some(0));
        assert_eq!(encodings(&HeaderMap::new()), Some(0));
    }

    #[test]
    fn whoever_weighs_gets_a_page_of_their_own() {
        assert_eq!(set("gzip;q=1.0, br;q=0.5"), None);
        assert_eq!(set("*"), None);
    }
}

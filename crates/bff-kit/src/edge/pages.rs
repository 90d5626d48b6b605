//! Whole pages that are the same for everybody, ready to be sent: their bytes, compressed, and their tag, kept for as long
//! as all the answers are true that they were made from.
//!
//! A page gets here only where nobody was named by the request and everything that it was made from came from the core's
//! public answers (see `core/answers.rs`), none of which was missing or one of the past.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use moka::sync::Cache;
use twox_hash::XxHash3_128;

use super::{
    CallContext, credential, etag,
    stack::{Layer, Next},
};
use crate::{
    core::{Basis, Changes, Truth},
    error::ApiError,
};

/// What is larger is made anew each time.
const LARGEST_BYTES: usize = 1024 * 1024;
/// What the fields of a page take, about.
const FIELDS_BYTES: usize = 1024;

/// The pages that are kept.
pub(crate) struct Pages {
    kept: Cache<u128, Arc<Page>>,
    changes: Changes,
    session_cookies: &'static [&'static str],
}

struct Page {
    address: Address,
    headers: HeaderMap,
    body: Bytes,
    basis: Basis,
}

/// What a page is asked for by: path and query, and what it may be compressed with.
#[derive(PartialEq, Eq)]
struct Address {
    path: Box<str>,
    encodings: u8,
}

impl Pages {
    /// Keeps up to about so many bytes of pages.
    pub(crate) fn new(max_bytes: u64, changes: Changes, session_cookies: &'static [&'static str]) -> Self {
        let weigh = |_: &u128, page: &Arc<Page>| {
            let bytes = page.body.len() + page.address.path.len() + page.basis.bytes() + FIELDS_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder().max_capacity(max_bytes).weigher(weigh).build(),
            changes,
            session_cookies,
        }
    }

    /// The page that is kept for this address, if it is what would be made now.
    fn find(&self, key: u128, address: &Address) -> Option<Arc<Page>> {
        let page = self.kept.get(&key).filter(|page| page.address == *address)?;
        let at_least = CallContext::with(|context| context.at_least).flatten();
        let current = self.changes.truth_of(&page.basis, at_least) == Truth::Current;
        current.then_some(page)
    }

    /// What a request may be answered from, or for: nothing where it says who is asking.
    fn address(&self, request: &Request) -> Option<Address> {
        let headers = request.headers();
        let anybody = request.method() == Method::GET
            && !headers.contains_key(header::RANGE)
            && credential::of(headers, self.session_cookies).is_none();
        let path = request.uri().path_and_query()?.as_str();
        Some(Address {
            encodings: encodings(headers).filter(|_| anybody)?,
            path: path.into(),
        })
    }
}

impl Address {
    fn key(&self) -> u128 {
        XxHash3_128::oneshot_with_seed(self.encodings.into(), self.path.as_bytes())
    }
}

impl Page {
    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Answers with the page that is kept, or keeps the one that is made.
impl Layer for Pages {
    async fn handle(&self, mut request: Request, next: impl Next) -> Response {
        let Some(address) = self.address(&request) else {
            return next.run(request).await;
        };
        let key = address.key();
        let has = request.headers_mut().remove(header::IF_NONE_MATCH);
        if let Some(page) = self.find(key, &address) {
            metrics::counter!("pages_total", "state" => "kept").increment(1);
            return match etag::is_known(has.as_ref(), page.headers.get(header::ETAG)) {
                true => etag::not_modified(page.headers.clone()),
                false => page.response(),
            };
        }
        let response = next.run(request).await;
        let basis = CallContext::with(CallContext::basis).flatten();
        let response = match basis.filter(|_| response.status() == StatusCode::OK) {
            Some(basis) => self.keep(key, address, basis, response).await,
            None => response,
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
    async fn keep(&self, key: u128, address: Address, basis: Basis, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) => {
                let cause = format!("the page broke off: {error}");
                return ApiError::Internal { cause }.into_response();
            }
        };
        if body.len() > LARGEST_BYTES {
            return Response::from_parts(parts, Body::from(body));
        }
        let mut headers = parts.headers;
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let page = Arc::new(Page {
            address,
            headers,
            body,
            basis,
        });
        metrics::counter!("pages_total", "state" => "made").increment(1);
        self.kept.insert(key, page.clone());
        page.response()
    }
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

//! Answers that a client has already: a tag for the bytes of every answer, and a 304 where the client names
//! it.
//!
//! The work is done on both sides of the compression: [`Name`] sees the bytes before, so that they are
//! hashed once whatever they are compressed with; [`Conditional`] sees what they will be compressed with,
//! and turns an answer away before a single byte of it is.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use twox_hash::XxHash3_128;
use uuid::{Uuid, fmt::Simple};

use super::stack::{Layer, Next};
use crate::error::ApiError;

/// What is longer is sent without a tag, rather than held in memory to make one.
const LONGEST_BYTES: u64 = 4 * 1024 * 1024;

/// Says nothing about what the client would have been sent, which it has.
const OF_THE_BODY: [header::HeaderName; 3] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
];

/// Gives the answer a tag, unless whoever made it did. Streams, which have no known length, have none.
pub(super) struct Name;

impl Layer for Name {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let reads = is_read(request.method());
        let response = next.run(request).await;
        let length = response.body().size_hint().exact();
        let named = response.headers().contains_key(header::ETAG);
        if !reads || named || response.status() != StatusCode::OK || length.is_none_or(|n| n > LONGEST_BYTES)
        {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        match body.collect().await {
            Ok(collected) => {
                let bytes = collected.to_bytes();
                parts.headers.insert(header::ETAG, of(&bytes));
                Response::from_parts(parts, Body::from(bytes))
            }
            Err(error) => ApiError::Internal {
                cause: format!("the answer broke off: {error}"),
            }
            .into_response(),
        }
    }
}

/// Answers 304 where the client has what it would be sent. The tag says what it is compressed with: the
/// bytes are others, so it has to be another one.
pub(super) struct Conditional;

impl Layer for Conditional {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let has: Vec<_> = match is_read(request.method()) {
            true => request
                .headers()
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .cloned()
                .collect(),
            false => Vec::new(),
        };
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        let Some(tag) = headers.get(header::ETAG) else {
            return response;
        };
        let tag = match headers.get(header::CONTENT_ENCODING) {
            Some(encoding) => encoded(tag, encoding),
            None => tag.clone(),
        };
        let known = has.iter().any(|tags| is_known(Some(tags), Some(&tag)));
        headers.insert(header::ETAG, tag);
        match known && response.status() == StatusCode::OK {
            true => not_modified(response.into_parts().0.headers),
            false => response,
        }
    }
}

/// Whether a client that has these has what it would be sent.
pub(super) fn is_known(has: Option<&HeaderValue>, tag: Option<&HeaderValue>) -> bool {
    let both = has.zip(tag);
    both.is_some_and(|(has, tag)| names(has.as_bytes(), tag.as_bytes()))
}

/// That the client has it already, in place of an answer with these fields.
pub(super) fn not_modified(mut headers: HeaderMap) -> Response {
    for name in OF_THE_BODY {
        headers.remove(name);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = headers;
    response
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The tag of these bytes: the same on every machine, in every process.
fn of(bytes: &[u8]) -> HeaderValue {
    let mut tag = [b'"'; Simple::LENGTH + 2];
    let hash = Uuid::from_u128(XxHash3_128::oneshot(bytes)).simple();
    hash.encode_lower(&mut tag[1..=Simple::LENGTH]);
    HeaderValue::from_bytes(&tag).expect("digits and quotes")
}

/// The tag of the same answer in this encoding; one that says so already is kept.
fn encoded(tag: &HeaderValue, encoding: &HeaderValue) -> HeaderValue {
    let (bytes, encoding) = (tag.as_bytes(), encoding.as_bytes());
    let Some(open) = bytes.strip_suffix(b"\"") else {
        return tag.clone();
    };
    if open.ends_with(encoding) && open[..open.len() - encoding.len()].ends_with(b"-") {
        return tag.clone();
    }
    HeaderValue::from_bytes(&[open, b"-", encoding, b"\""].concat()).unwrap_or_else(|_| tag.clone())
}

/// Whether a list of tags has this one, or is `*`. For this question weak ones are as good as strong ones.
fn names(list: &[u8], tag: &[u8]) -> bool {
    let tag = tag.strip_prefix(b"W/").unwrap_or(tag);
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    // Commas can be part of a tag, quotes cannot.
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let Some(length) = rest[start + 1..].iter().position(|byte| *byte == b'"') else {
            return false;
        };
        let end = start + length + 2;
        if &rest[start..end] == tag {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_tag_in_every_way_of_naming_it() {
        for list in [
            r#""abc""#,
            r#"W/"abc""#,
            r#""x", "abc""#,
            r#""a,b" ,W/"abc","y""#,
            "*",
            " * ",
        ] {
            assert!(names(list.as_bytes(), br#""abc""#), "{list}");
        }
        assert!(names(br#""abc""#, br#"W/"abc""#));
        for list in [
            "",
            "abc",
            r#""abc"#,
            r#""abcd""#,
            r#""ab", "c""#,
            r#""x" abc "y""#,
            "**",
        ] {
            assert!(!names(list.as_bytes(), br#""abc""#), "{list}");
        }
    }

    #[test]
    fn an_encoding_makes_it_another_tag_once() {
        let encoded = |tag: &'static str| {
            let tag = encoded(&HeaderValue::from_static(tag), &HeaderValue::from_static("br"));
            tag.to_str().expect("text").to_owned()
        };
        assert_eq!(encoded(r#""abc""#), r#""abc-br""#);
        assert_eq!(encoded(r#"W/"abc""#), r#"W/"abc-br""#);
        assert_eq!(encoded(r#""abc-br""#), r#""abc-br""#);
    }

    #[test]
    fn bytes_have_the_same_tag_on_every_machine_and_other_bytes_another() {
        assert_eq!(of(b"triptych"), "\"2a67dcd5089fa094d267db62b0610745\"");
        assert_ne!(of(b"triptych"), of(b"triptycH"));
    }
}

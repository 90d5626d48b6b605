//! Answers made smaller, where it is worth the while and the client can read them.

use std::{convert::Infallible, future::ready};

use axum::{body::Body, extract::Request, response::Response};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionBody, CompressionLayer,
        predicate::{And, Predicate as _, SizeAbove},
    },
};

use super::stack::{Layer, Next};

/// What is smaller fits into one packet as it is.
const WORTHWHILE_BYTES: u64 = 1024;
/// Cheap: most of the gain for a fraction of the time.
const LEVEL: i32 = 3;

/// Decides by what an answer is.
type Rule = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Makes an answer smaller: zstd, br or gzip, in this order where the client does not care.
pub(super) struct Compress(CompressionLayer<And<SizeAbove, Rule>>);

impl Compress {
    pub(super) fn new() -> Self {
        let rule: Rule = |_, _, headers, _| is_text(headers);
        let layer = CompressionLayer::new()
            .quality(CompressionLevel::Precise(LEVEL))
            .compress_when(SizeAbove::new(WORTHWHILE_BYTES).and(rule));
        Self(layer)
    }
}

impl Layer for Compress {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        // The little that counts of the request, so that the layer holds no more than an answer that is there already.
        let mut readable = http::Request::new(());
        for coding in request.headers().get_all(header::ACCEPT_ENCODING) {
            readable
                .headers_mut()
                .append(header::ACCEPT_ENCODING, coding.clone());
        }
        let mut answer = Some(next.run(request).await);
        let there = service_fn(|_| {
            let answer = answer.take().expect("it is asked for once");
            ready(Ok::<_, Infallible>(answer))
        });
        let Ok(response) = self.0.layer(there).oneshot(readable).await;
        match response.headers().contains_key(header::CONTENT_ENCODING) {
            true => response.map(Body::new),
            false => response.map(CompressionBody::into_inner),
        }
    }
}

/// Whether it is of a kind that gets smaller. Live events are not held back to be packed.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    match kind.split_once('/') {
        Some(("text", kind)) => kind != "event-stream",
        Some(("application", kind)) => {
            matches!(
                kind,
                "json" | "javascript" | "xml" | "wasm" | "x-ndjson" | "manifest+json"
            ) || kind.ends_with("+json")
        }
        Some(("image", kind)) => kind == "svg+xml",
        _ => false,
    }
}

/// Forgets that a client does not want an answer as it is, where it refuses everything else, too: the
/// compression would let the handler do its work and then put a 406 over it.
pub(super) struct Acceptable;

impl Layer for Acceptable {
    async fn handle(&self, mut request: Box<Request>, next: impl Next) -> Response {
        let headers = request.headers_mut();
        let refusals = headers.get_all(header::ACCEPT_ENCODING).iter().any(refuses);
        if refusals {
            let kept: Vec<_> = headers
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .filter(|item| !refuses_identity(item))
                .collect();
            match HeaderValue::try_from(kept.join(",")) {
                Ok(kept) => headers.insert(header::ACCEPT_ENCODING, kept),
                Err(_) => headers.remove(header::ACCEPT_ENCODING),
            };
        }
        next.run(request).await
    }
}

fn refuses(value: &HeaderValue) -> bool {
    value
        .to_str()
        .is_ok_and(|value| value.split(',').any(refuses_identity))
}

/// Whether this is `identity;q=0` or `*;q=0`.
fn refuses_identity(item: &str) -> bool {
    let Some((coding, weight)) = item.split_once(';') else {
        return false;
    };
    let coding = coding.trim();
    let weight = weight
        .trim()
        .strip_prefix(['q', 'Q'])
        .and_then(|q| q.trim().strip_prefix('='));
    let is_zero = weight
        .and_then(|q| q.trim().parse::<f32>().ok())
        .is_some_and(|q| q == 0.0);
    is_zero && (coding == "*" || coding.eq_ignore_ascii_case("identity"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_gets_smaller_and_pictures_do_not() {
        let small = |kind: &'static str| {
            is_text(&HeaderMap::from_iter([(
                header::CONTENT_TYPE,
                HeaderValue::from_static(kind),
            )]))
        };
        for kind in [
            "application/json; charset=utf-8",
            "application/problem+json",
            "text/csv",
            "image/svg+xml",
        ] {
            assert!(small(kind), "{kind}");
        }
        for kind in ["text/event-stream", "image/png", "application/zip", "", "json"] {
            assert!(!small(kind), "{kind}");
        }
    }

    #[test]
    fn knows_a_refusal_of_the_plain_answer() {
        for item in ["identity;q=0", " * ; q=0.000", "Identity;Q=0"] {
            assert!(refuses_identity(item), "{item}");
        }
        for item in ["identity", "*;q=0.001", "gzip;q=0", "*", ""] {
            assert!(!refuses_identity(item), "{item}");
        }
    }
}

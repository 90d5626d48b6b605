//! What an operation can answer besides what it is for. That follows from what it takes (a body, a path, a token …);
//! what follows from nothing it names itself, by code: `extensions(("x-problems" = json!(["TAKEN"])))`.
//!
//! Each error is told once, by the code that tells it to clients, and documented as it was told.

use std::{
    collections::BTreeMap,
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::BodyExt as _;
use serde_json::Value;
use utoipa::{
    ToSchema as _,
    openapi::{
        Content, Header, HttpMethod, Object, Ref, RefOr, Response, Type, example::Example, path::Operation,
        path::ParameterIn,
    },
};

use super::{
    Facts,
    requests::{self, IDEMPOTENCY_KEY},
};
use crate::error::{ApiError, Problem};

/// The extension with the codes that do not follow from what an operation takes.
const MORE: &str = "x-problems";

/// The name of a request, for the examples.
const REQUEST_ID: &str = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";
/// The header fields of answers: name, meaning, example.
const HEADERS: [(&str, &str, &str); 8] = [
    (
        "Change-Position",
        "Where the change stands in the core's log; to be sent with reads, so that they show it whichever gateway they \
         ask. `unknown` where that took too long to find out: then for the next five seconds.",
        requests::PLACE,
    ),
    (
        "ETag",
        "Names this state of the answer; to be sent back in `If-None-Match`.",
        "\"5cf0a1e6b3d2f947\"",
    ),
    (
        "Idempotency-Replayed",
        "`true` where the write was done and answered before, under the same `Idempotency-Key`.",
        "true",
    ),
    (
        "RateLimit",
        "What is left of the quota, and in how many seconds all of it is there again.",
        "\"session\";r=5987;t=1",
    ),
    (
        "RateLimit-Policy",
        "The quota and its window in seconds.",
        "\"session\";q=6000;w=60",
    ),
    ("Retry-After", "After how many seconds to ask again.", "1"),
    ("WWW-Authenticate", "How to sign in.", "Bearer"),
    (
        "X-Request-Id",
        "The name of the request in every log.",
        REQUEST_ID,
    ),
];
/// Those that every answer has.
const ALWAYS: [&str; 3] = ["RateLimit", "RateLimit-Policy", "X-Request-Id"];

/// Collects the answers of all operations.
pub(super) struct Answers<'a> {
    facts: &'a Facts,
    samples: Vec<ApiError>,
    shared: BTreeMap<String, RefOr<Response>>,
}

/// An error as a client is told it.
struct Told {
    code: &'static str,
    title: &'static str,
    status: u16,
    kind: String,
    headers: HeaderMap,
    body: Value,
}

impl<'a> Answers<'a> {
    pub(super) fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            samples: ApiError::samples(),
            shared: BTreeMap::new(),
        }
    }

    /// Adds to an operation what it can answer besides what it is for.
    pub(super) fn describe(&mut self, route: &str, method: &HttpMethod, operation: &mut Operation) {
        let codes = self.codes(route, method, operation);
        let own_shape = operation.responses.responses.remove("default");
        let mut by_status = BTreeMap::<u16, Vec<Told>>::new();
        for error in self.samples.iter().filter(|error| codes.contains(&error.code())) {
            let told = self.tell(route, error);
            by_status.entry(told.status).or_default().push(told);
        }
        for (status, errors) in by_status {
            let reference = self.share(errors, own_shape.as_ref());
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_string()).or_insert(reference);
        }
        for (status, response) in &mut operation.responses.responses {
            if let RefOr::T(response) = response {
                let is_read = *method == HttpMethod::Get && status == "200" && !is_stream(response);
                let of_method = [
                    ("Change-Position", !is_safe(method)),
                    ("ETag", is_read),
                    ("Idempotency-Replayed", !is_safe(method)),
                ];
                let of_method = of_method
                    .into_iter()
                    .filter(|(_, there)| *there)
                    .map(|(name, _)| name);
                response.headers.extend(of_method.chain(ALWAYS).map(refer));
            }
        }
        let found = operation.responses.responses.get("200");
        let can_be_known = match found {
            Some(RefOr::T(response)) => !is_stream(response),
            Some(RefOr::Ref(_)) => true,
            None => false,
        };
        if *method == HttpMethod::Get && can_be_known {
            let not_modified = Ref::from_response_name("NotModified").into();
            operation
                .responses
                .responses
                .insert("304".to_owned(), not_modified);
        }
    }

    /// What the operations share.
    pub(super) fn finish(self) -> (BTreeMap<String, RefOr<Response>>, BTreeMap<String, RefOr<Header>>) {
        let mut shared = self.shared;
        let not_modified = Response::builder().description("The client has the answer already.");
        let mut not_modified = not_modified.build();
        not_modified
            .headers
            .extend(["ETag"].into_iter().chain(ALWAYS).map(refer));
        shared.insert("NotModified".to_owned(), not_modified.into());
        let headers = HEADERS.map(|(name, description, example)| {
            let text = Object::builder().schema_type(Type::String).examples([example]);
            let mut header = Header::new(text);
            header.description = Some(description.to_owned());
            (name.to_owned(), header.into())
        });
        (shared, headers.into())
    }

    /// The codes of the errors that an operation can answer.
    fn codes(&self, route: &str, method: &HttpMethod, operation: &mut Operation) -> Vec<&'static str> {
        let takes = |place, name| requests::takes(operation, place, name);
        let security = serde_json::json!(operation.security);
        let ways = security.as_array().map_or(&[][..], Vec::as_slice);
        let guests = ways.iter().all(|way| way == &serde_json::json!({}));
        let may_be_guest = ways.iter().any(|way| way == &serde_json::json!({}));
        let needs_role = ways
            .iter()
            .any(|way| way["token"].as_array().is_some_and(|roles| !roles.is_empty()));
        let writes = !is_safe(method);
        let has_body = operation.request_body.is_some();
        let by_cookie = !self.facts.manners.session_cookies.is_empty();
        let forgeable = by_cookie && writes && (!guests || takes(ParameterIn::Header, "x-csrf"));
        let follows = [
            (
                has_body,
                &["MALFORMED_BODY", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"][..],
            ),
            (
                has_body || writes || takes(ParameterIn::Query, ""),
                &["INVALID_INPUT"],
            ),
            (
                takes(ParameterIn::Header, IDEMPOTENCY_KEY),
                &["IDEMPOTENCY_KEY_MISSING"],
            ),
            (writes, &["IDEMPOTENCY_KEY_REUSED", "IN_PROGRESS"]),
            (takes(ParameterIn::Path, ""), &["NOT_FOUND"]),
            (!guests, &["TOKEN_INVALID"]),
            (!guests && !may_be_guest, &["TOKEN_MISSING"]),
            (needs_role, &["FORBIDDEN"]),
            (forgeable, &["CSRF", "CROSS_ORIGIN"]),
            (
                self.facts.refuses_old_clients(route),
                &["CLIENT_UPGRADE_REQUIRED"],
            ),
            (true, &["RATE_LIMITED", "HEADERS_TOO_LARGE", "INTERNAL"]),
            (true, &["UNAVAILABLE", "OVERLOADED", "DEADLINE_EXCEEDED"]),
        ];
        let mut codes: Vec<_> = follows
            .into_iter()
            .filter(|(follows, _)| *follows)
            .flat_map(|(_, codes)| codes)
            .copied()
            .collect();
        let more = operation
            .extensions
            .as_mut()
            .and_then(|extensions| extensions.remove(MORE));
        for code in more.iter().filter_map(Value::as_array).flatten() {
            let known = self
                .samples
                .iter()
                .map(ApiError::code)
                .find(|known| code == known);
            codes.push(known.unwrap_or_else(|| panic!("{route}: there is no error {code}")));
        }
        codes
    }

    /// The error as the gateway tells it on this route.
    fn tell(&self, route: &str, error: &ApiError) -> Told {
        let answer = (self.facts.manners.reshape)(route, error, error.clone().told());
        let (head, body) = answer.into_parts();
        let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        let collected = pin!(body.collect()).poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(bytes)) = collected else {
            panic!("{route}: an error is told at once, not bit by bit");
        };
        let mut body: Value = serde_json::from_slice(&bytes.to_bytes()).unwrap_or_default();
        if let Some(problem) = body.as_object_mut().filter(|body| body.contains_key("requestId")) {
            problem.insert("instance".to_owned(), "/path/of/the/request".into());
            problem.insert("requestId".to_owned(), REQUEST_ID.into());
        }
        Told {
            code: error.code(),
            title: error.title(),
            status: head.status.as_u16(),
            kind: kind.to_owned(),
            headers: head.headers,
            body,
        }
    }

    /// One answer for all errors of a status, kept where all operations can refer to it.
    fn share(&mut self, errors: Vec<Told>, own_shape: Option<&RefOr<Response>>) -> RefOr<Response> {
        let kind = errors.first().map(|told| told.kind.clone()).unwrap_or_default();
        let is_problem = kind == "application/problem+json";
        let schema = match own_shape {
            Some(RefOr::T(own)) if !is_problem => {
                own.content.first().and_then(|(_, content)| match content {
                    RefOr::T(content) => content.schema.clone(),
                    RefOr::Ref(_) => None,
                })
            }
            _ => None,
        };
        let schema = schema.unwrap_or_else(|| Ref::from_schema_name(Problem::name()).into());
        let prefix = match &schema {
            RefOr::Ref(reference) if !is_problem => reference.ref_location.rsplit('/').next(),
            _ => None,
        };
        let names: Vec<_> = errors.iter().map(|told| in_camels(told.code)).collect();
        let name = format!("{}{}", prefix.unwrap_or_default(), names.join("Or"));

        let texts = errors
            .iter()
            .map(|told| format!("`{}`: {}.", told.code, told.title));
        let mut content = Content::builder().schema(Some(schema));
        for told in &errors {
            let example = Example::builder()
                .summary(told.title)
                .value(Some(told.body.clone()));
            content = content.examples_from_iter([(told.code, example)]);
        }
        let description = texts.collect::<Vec<_>>().join(" ");
        let mut response = Response::builder()
            .description(description)
            .content(kind, content.build())
            .build();
        let known = HEADERS.iter().map(|(name, ..)| *name);
        let sent = known.filter(|name| errors.iter().any(|told| told.headers.contains_key(*name)));
        response.headers.extend(sent.chain(ALWAYS).map(refer));
        self.shared.insert(name.clone(), response.into());
        Ref::from_response_name(name).into()
    }
}

/// A header field of an answer, as it is described for all.
fn refer(name: &str) -> (String, RefOr<Header>) {
    (
        name.to_owned(),
        RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))),
    )
}

/// Whether it can be of no known length, so that it has no tag and nobody can have it already.
fn is_stream(response: &Response) -> bool {
    let streams = ["text/event-stream", "application/x-ndjson"];
    response
        .content
        .keys()
        .any(|kind| streams.contains(&kind.as_str()))
}

fn is_safe(method: &HttpMethod) -> bool {
    matches!(
        method,
        HttpMethod::Get | HttpMethod::Head | HttpMethod::Options | HttpMethod::Trace
    )
}

/// `NotFound` for `NOT_FOUND`.
fn in_camels(code: &str) -> String {
    let words = code.split('_').filter_map(|word| word.split_at_checked(1));
    words
        .map(|(first, rest)| format!("{first}{}", rest.to_lowercase()))
        .collect()
}

//! The layers of the edge, in the order of the stack.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, Method, header};
use http_body::Body as _;
use http_body_util::Limited;
use tokio::time::Instant;

use super::{
    CallContext, RequestId, address, freshness,
    stack::{Layer, Next},
};
use crate::{
    error::ApiError,
    manners::Manners,
    server::{Peer, limits::MAX_HEADER_BYTES},
    settings::ServerSettings,
};

/// Gives a request its name and its deadline, and the answer the name.
pub(super) struct Arrival {
    read: Duration,
    write: Duration,
    trusted_proxies: usize,
}

impl Arrival {
    pub(super) fn of(settings: &ServerSettings) -> Self {
        Self {
            read: settings.read_deadline.get(),
            write: settings.write_deadline.get(),
            trusted_proxies: settings.trusted_proxies,
        }
    }

    /// How long the request may take.
    fn deadline(&self, method: &Method) -> Duration {
        if method.is_safe() { self.read } else { self.write }
    }
}

impl Layer for Arrival {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let peer = request
            .extensions()
            .get::<Peer>()
            .copied()
            .unwrap_or(Peer::UNKNOWN);
        let context = CallContext {
            deadline: Instant::now() + self.deadline(request.method()),
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            request_id: RequestId::from_client(request.headers().get(RequestId::HEADER)),
            path: request.uri().path().into(),
            address: address::of(request.headers(), peer, self.trusted_proxies),
            idempotency: None,
            at_least: freshness::at_least(request.headers()),
            course: Arc::default(),
        };
        let request_id = HeaderValue::from(context.request_id.clone());
        let mut response = context.scope(next.run(request)).await;
        response.headers_mut().insert(RequestId::HEADER, request_id);
        response
    }
}

/// The route as it is written in the program, which has no text of the client in it.
pub(super) fn route_of(request: &Request) -> &str {
    name_of(request.extensions().get())
}

/// The name of a route.
pub(super) fn name_of(route: Option<&MatchedPath>) -> &str {
    route.map_or("unknown", MatchedPath::as_str)
}

/// Tells errors in the shape that their routes have for errors.
pub(super) struct Reshape(pub(super) Manners);

impl Layer for Reshape {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let route = request.extensions().get::<MatchedPath>().cloned();
        let mut response = next.run(request).await;
        match response.extensions_mut().remove::<ApiError>() {
            Some(error) => (self.0.reshape)(name_of(route.as_ref()), &error, response),
            None => response,
        }
    }
}

/// How many fields the layers add to an answer, about; there is room for them before the first comes.
const FIELDS: usize = 20;

/// Turns panics into 500 problems.
pub(super) struct CatchPanic;

impl Layer for CatchPanic {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(mut response) => {
                response.headers_mut().reserve(FIELDS);
                response
            }
            Err(panic) => panicked(&*panic),
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    ApiError::Internal {
        cause: format!("panicked: {text}"),
    }
    .into_response()
}

/// Turns an answer that does not come in time into a 504 problem, and stops the work on it.
pub(super) struct Deadline;

impl Layer for Deadline {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let Some(deadline) = CallContext::with(|context| context.deadline) else {
            return next.run(request).await;
        };
        let answered = tokio::time::timeout_at(deadline, next.run(request)).await;
        answered.unwrap_or_else(|_| {
            let cause = "the handler took too long".to_owned();
            ApiError::DeadlineExceeded { cause }.into_response()
        })
    }
}

/// Whether the head of a request is too large.
pub(super) fn is_large(headers: &HeaderMap) -> bool {
    let fields = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    fields.sum::<usize>() > MAX_HEADER_BYTES
}

/// Refuses heads that are too large.
pub(super) struct LimitHead;

impl Layer for LimitHead {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        if is_large(request.headers()) {
            return ApiError::HeadersTooLarge.into_response();
        }
        next.run(request).await
    }
}

/// Refuses bodies that are too large, before or while they are read.
pub(super) struct LimitBody {
    pub(super) max_bytes: usize,
    pub(super) manners: Manners,
}

impl Layer for LimitBody {
    async fn handle(&self, mut request: Box<Request>, next: impl Next) -> Response {
        if request.body().is_end_stream() || self.manners.uploads.contains(&route_of(&request)) {
            return next.run(request).await;
        }
        let announced = request.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.max_bytes as u64) {
            return ApiError::BodyTooLarge.into_response();
        }
        let body = std::mem::take(request.body_mut());
        *request.body_mut() = Body::new(Limited::new(body, self.max_bytes));
        next.run(request).await
    }
}

//! The layers of the edge, in the order of the stack.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, Method, header};
use http_body_util::Limited;
use tokio::time::Instant;
use tracing::Span;

use super::{CallContext, RequestId, address, freshness};
use crate::{error::ApiError, manners::Manners, server::limits::MAX_HEADER_BYTES, settings::ServerSettings};

/// What there is to know about a request before it is looked at.
#[derive(Clone, Copy)]
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
    fn deadline(self, method: &Method) -> Duration {
        if method.is_safe() { self.read } else { self.write }
    }
}

pub(super) async fn context(State(arrival): State<Arrival>, request: Request, next: Next) -> Response {
    let context = CallContext {
        deadline: Instant::now() + arrival.deadline(request.method()),
        request_id: RequestId::from_client(request.headers().get(RequestId::HEADER)),
        path: request.uri().path().into(),
        address: address::of(&request, arrival.trusted_proxies),
        idempotency: None,
        at_least: freshness::at_least(request.headers()),
        course: Arc::default(),
    };
    let request_id = HeaderValue::from_str(context.request_id.as_str());
    let mut response = context.scope(next.run(request)).await;
    if let Ok(request_id) = request_id {
        response.headers_mut().insert(RequestId::HEADER, request_id);
    }
    response
}

pub(super) async fn measure(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = route_of(&request).to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let labels = [
        ("method", method.to_string()),
        ("route", route),
        ("status", response.status().as_u16().to_string()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds", &labels).record(began.elapsed());
    response
}

pub(super) fn span(request: &Request) -> Span {
    let context = CallContext::current();
    let request_id = context.as_ref().map(|context| context.request_id.as_str());
    tracing::info_span!("request", method = %request.method(), route = route_of(request), request_id)
}

/// The route as it is written in the program, which has no text of the client in it.
pub(super) fn route_of(request: &Request) -> &str {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
}

/// Tells an error in the shape that its route has for errors.
pub(super) async fn reshape(State(manners): State<Manners>, request: Request, next: Next) -> Response {
    let route = route_of(&request).to_owned();
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => (manners.reshape)(&route, &error, response),
        None => response,
    }
}

pub(super) fn panicked(panic: Box<dyn Any + Send>) -> Response {
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

pub(super) async fn deadline(request: Request, next: Next) -> Response {
    let Some(context) = CallContext::current() else {
        return next.run(request).await;
    };
    match tokio::time::timeout_at(context.deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::DeadlineExceeded {
            cause: "the handler took too long".to_owned(),
        }
        .into_response(),
    }
}

pub(super) async fn limit_head(request: Request, next: Next) -> Response {
    let fields = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    if fields.sum::<usize>() > MAX_HEADER_BYTES {
        return ApiError::HeadersTooLarge.into_response();
    }
    next.run(request).await
}

pub(super) async fn limit_body(
    State((max, manners)): State<(usize, Manners)>,
    request: Request,
    next: Next,
) -> Response {
    if manners.uploads.contains(&route_of(&request)) {
        return next.run(request).await;
    }
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max as u64) {
        return ApiError::BodyTooLarge.into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, max))))
        .await
}

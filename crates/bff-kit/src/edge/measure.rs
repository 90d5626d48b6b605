//! How many requests there were, and how long they took, by method, route and status.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use http::{Method, StatusCode};
use metrics::{Counter, Histogram};
use tokio::time::Instant;

use super::{
    layers::name_of,
    stack::{Layer, Next},
};

/// Counts and times answers.
#[derive(Default)]
pub(super) struct Measure {
    /// What was needed so far, by route; to look it up by its labels costs more than all the rest.
    known: RwLock<HashMap<Box<str>, Answers>>,
}

/// By method and status.
type Answers = HashMap<(&'static str, StatusCode), Arc<Metrics>>;

struct Metrics {
    requests: Counter,
    seconds: Histogram,
}

impl Layer for Measure {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let route = request.extensions().get::<MatchedPath>().cloned();
        let method = name(request.method());
        let began = Instant::now();
        let response = next.run(request).await;
        self.note(name_of(route.as_ref()), method, response.status(), began);
        response
    }
}

impl Measure {
    /// Counts and times the answer to a request that came in at `began`.
    pub(super) fn note(&self, route: &str, method: &'static str, status: StatusCode, began: Instant) {
        let metrics = self.metrics(route, method, status);
        metrics.requests.increment(1);
        metrics.seconds.record(began.elapsed());
    }

    fn metrics(&self, route: &str, method: &'static str, status: StatusCode) -> Arc<Metrics> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let metrics = known
            .get(route)
            .and_then(|answers| answers.get(&(method, status)));
        if let Some(metrics) = metrics {
            return metrics.clone();
        }
        drop(known);
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.as_u16().to_string()),
        ];
        let metrics = Arc::new(Metrics {
            requests: metrics::counter!("http_requests_total", &labels),
            seconds: metrics::histogram!("http_request_seconds", &labels),
        });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let answers = known.entry(route.into()).or_default();
        answers.insert((method, status), metrics.clone());
        metrics
    }
}

/// The method; clients can make up others, but no labels.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::CONNECT => "CONNECT",
        Method::DELETE => "DELETE",
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::TRACE => "TRACE",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_a_client_made_up_is_no_label() {
        let made_up = Method::from_bytes(b"BREW").expect("a token");
        assert_eq!((name(&made_up), name(&Method::GET)), ("other", "GET"));
    }
}

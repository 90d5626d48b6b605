//! What is seen of every call: a span with the gateway's request id, a count, a duration; and a panic,
//! which becomes an INTERNAL answer.

use std::any::Any;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::Service;
use tracing::Instrument;

/// Watches over the calls of a service.
#[derive(Clone, Debug)]
pub(super) struct Observe<S>(pub(super) S);

impl<S, A> Service<Request<Body>> for Observe<S>
where
    S: Service<Request<Body>, Response = Response<A>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<A>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let began = Instant::now();
        let method = request.uri().path().to_owned();
        let request_id = request
            .headers()
            .get("x-request-id")
            .and_then(|id| id.to_str().ok());
        let span = tracing::info_span!("call", method, request_id);
        let answer = self.0.call(request);
        let measured = async move {
            let response = answer.await?;
            let code = code_of(&response);
            // Names that are none of the contract's are counted together, so that nobody can invent labels.
            let method = if code == Code::Unimplemented {
                "unknown".to_owned()
            } else {
                method
            };
            count(&method, code, began.elapsed());
            Ok(response)
        };
        Box::pin(measured.instrument(span))
    }
}

/// Counts a call and how long it took.
pub(super) fn count(method: &str, code: Code, took: Duration) {
    let labels = [("method", method.to_owned()), ("code", format!("{code:?}"))];
    metrics::counter!("grpc_calls_total", &labels).increment(1);
    metrics::histogram!("grpc_call_seconds", &labels).record(took);
}

/// What became of a call. A refusal has its code in the head; an answer has none there.
fn code_of<B>(response: &Response<B>) -> Code {
    response
        .headers()
        .get("grpc-status")
        .map(HeaderValue::as_bytes)
        .map_or(Code::Ok, Code::from_bytes)
}

/// The answer to a call that panicked; the panic itself stands in the log.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    Status::internal("internal error").into_http()
}

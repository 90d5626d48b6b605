//! Layers that cost next to nothing.
//!
//! A stack of axum's `from_fn` copies, for every request and at every layer, all that lies below, and puts it and its
//! future on the heap. Here a whole stack is one value that all requests share and one future for each of them, because
//! the layers are put together by their types. The request lies in a box, or every layer's part of the future would have
//! room for a copy of it.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::{Service, ServiceExt as _, service_fn};

/// What is done before and after whatever comes next.
pub(super) trait Layer: Send + Sync + 'static {
    /// Answers a request, most of the time with what comes next.
    fn handle(&self, request: Box<Request>, next: impl Next) -> impl Future<Output = Response> + Send;
}

/// Whatever comes next.
pub(super) trait Next: Send {
    /// What it answers.
    fn run(self, request: Box<Request>) -> impl Future<Output = Response> + Send;
}

/// One that may be missing.
impl<L: Layer> Layer for Option<L> {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        match self {
            Some(layer) => layer.handle(request, next).await,
            None => next.run(request).await,
        }
    }
}

/// One that others have, too.
impl<L: Layer> Layer for Arc<L> {
    fn handle(&self, request: Box<Request>, next: impl Next) -> impl Future<Output = Response> + Send {
        L::handle(self, request, next)
    }
}

/// Layers around each other, from the outermost to the innermost: `layers![A, B]` is `(A, (B, ()))`.
macro_rules! layers {
    () => { () };
    ($outer:expr $(, $inner:expr)* $(,)?) => { ($outer, layers![$($inner),*]) };
}
pub(super) use layers;

/// Some layers, with one request after the other on its way through them.
pub(super) trait Layers: Send + Sync + 'static {
    /// Answers a request, most of the time with what `service` says.
    fn run<'s, S: Innermost>(
        &'s self,
        request: Box<Request>,
        service: &'s S,
    ) -> impl Future<Output = Response> + Send;
}

impl Layers for () {
    async fn run<'s, S: Innermost>(&'s self, request: Box<Request>, service: &'s S) -> Response {
        match service.clone().oneshot(*request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        }
    }
}

impl<Outer: Layer, Inner: Layers> Layers for (Outer, Inner) {
    fn run<'s, S: Innermost>(
        &'s self,
        request: Box<Request>,
        service: &'s S,
    ) -> impl Future<Output = Response> + Send {
        let (outer, layers) = self;
        outer.handle(request, Rest { layers, service })
    }
}

/// The layers that come after one, and what lies below them all.
struct Rest<'s, L, S> {
    layers: &'s L,
    service: &'s S,
}

impl<L: Layers, S: Innermost> Next for Rest<'_, L, S> {
    fn run(self, request: Box<Request>) -> impl Future<Output = Response> + Send {
        self.layers.run(request, self.service)
    }
}

/// What comes next, as a service for one request, for the layers of others.
pub(super) fn service(
    next: impl Next,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Send {
    let mut next = Some(next);
    service_fn(move |request| {
        let next = next.take();
        async move {
            let next = next.expect("a layer asks what comes next once");
            Ok(next.run(Box::new(request)).await)
        }
    })
}

/// Layers, all in one, shared by all routes and requests.
pub(super) struct Stack<L>(Arc<L>);

impl<L: Layers> Stack<L> {
    /// Of these.
    pub(super) fn of(layers: L) -> Self {
        Self(Arc::new(layers))
    }
}

impl<L> Clone for Stack<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L, S> tower::Layer<S> for Stack<L> {
    type Service = Surrounded<L, S>;

    fn layer(&self, service: S) -> Surrounded<L, S> {
        Surrounded {
            stack: self.clone(),
            service: Arc::new(service),
        }
    }
}

/// A service with a stack around it.
pub(super) struct Surrounded<L, S> {
    stack: Stack<L>,
    /// Copied for a request that gets so far, and for no other.
    service: Arc<S>,
}

impl<L, S> Clone for Surrounded<L, S> {
    fn clone(&self) -> Self {
        Self {
            stack: self.stack.clone(),
            service: self.service.clone(),
        }
    }
}

/// What can lie below a stack: a service that answers every request.
pub(super) trait Innermost:
    Service<Request, Error = Infallible, Response: IntoResponse, Future: Send> + Clone + Send + Sync
{
}

impl<S> Innermost for S where
    S: Service<Request, Error = Infallible, Response: IntoResponse, Future: Send> + Clone + Send + Sync
{
}

impl<L: Layers, S: Innermost + 'static> Service<Request> for Surrounded<L, S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { stack, service } = self.clone();
        let request = Box::new(request);
        Box::pin(async move { Ok(stack.0.run(request, &*service).await) })
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, routing::get};
    use http::HeaderValue;

    use super::*;

    /// Says its name in the answer, and what was said already by what comes next.
    struct Says(&'static str);

    impl Layer for Says {
        async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
            let mut response = next.run(request).await;
            let names = response.headers_mut();
            names.append("said-by", HeaderValue::from_static(self.0));
            response
        }
    }

    /// Answers by itself.
    struct Answers;

    impl Layer for Answers {
        async fn handle(&self, _: Box<Request>, _: impl Next) -> Response {
            "no further".into_response()
        }
    }

    async fn said(layers: impl Layers) -> Vec<HeaderValue> {
        let app = Router::new()
            .route("/", get(async || "the handler"))
            .layer(Stack::of(layers));
        let response = app
            .oneshot(Request::new(Body::empty()))
            .await
            .expect("it cannot fail");
        response.headers().get_all("said-by").iter().cloned().collect()
    }

    #[tokio::test]
    async fn the_innermost_has_the_first_word_on_an_answer_and_the_outermost_the_last() {
        let layers = layers![Says("outer"), Says("middle"), Says("inner")];
        assert_eq!(said(layers).await, ["inner", "middle", "outer"]);
    }

    #[tokio::test]
    async fn what_lies_below_one_that_answers_is_not_asked() {
        let layers = layers![Says("outer"), Answers, Says("inner")];
        assert_eq!(said(layers).await, ["outer"]);
    }
}

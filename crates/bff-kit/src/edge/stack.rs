//! Layers that cost next to nothing.
//!
//! A stack of axum's `from_fn` copies, for every request and at every layer, all that lies below, and puts it and its
//! future on the heap. Here a whole stack is one value that all requests share and one future for each of them, because
//! the layers are put together by their types.

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
use tower::{Service, ServiceExt as _};

/// What is done before and after whatever comes next.
pub(super) trait Layer: Send + Sync + 'static {
    /// Answers a request, most of the time with what comes next.
    fn handle(&self, request: Request, next: impl Next) -> impl Future<Output = Response> + Send;

    /// This layer around another one.
    fn around<L: Layer>(self, inner: L) -> (Self, L)
    where
        Self: Sized,
    {
        (self, inner)
    }
}

/// Whatever comes next.
pub(super) trait Next: Send {
    /// What it answers.
    fn run(self, request: Request) -> impl Future<Output = Response> + Send;
}

/// One that others have, too.
impl<L: Layer> Layer for Arc<L> {
    fn handle(&self, request: Request, next: impl Next) -> impl Future<Output = Response> + Send {
        L::handle(self, request, next)
    }
}

/// One layer around another.
impl<Outer: Layer, Inner: Layer> Layer for (Outer, Inner) {
    fn handle(&self, request: Request, next: impl Next) -> impl Future<Output = Response> + Send {
        let (outer, inner) = self;
        outer.handle(request, Then { inner, next })
    }
}

/// A layer, and what comes after it.
struct Then<'s, L, N> {
    inner: &'s L,
    next: N,
}

impl<L: Layer, N: Next> Next for Then<'_, L, N> {
    fn run(self, request: Request) -> impl Future<Output = Response> + Send {
        self.inner.handle(request, self.next)
    }
}

/// Layers, all in one, shared by all routes and requests.
pub(super) struct Stack<L>(Arc<L>);

impl<L: Layer> Stack<L> {
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

impl<L, S> Service<Request> for Surrounded<L, S>
where
    L: Layer,
    S: Service<Request, Error = Infallible, Response: IntoResponse, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { stack, service } = self.clone();
        Box::pin(async move { Ok(stack.0.handle(request, Innermost(&*service)).await) })
    }
}

/// What lies below the whole stack.
struct Innermost<'s, S>(&'s S);

impl<S> Next for Innermost<'_, S>
where
    S: Service<Request, Error = Infallible, Response: IntoResponse, Future: Send> + Clone + Send + Sync,
{
    async fn run(self, request: Request) -> Response {
        match self.0.clone().oneshot(request).await {
            Ok(response) => response.into_response(),
            Err(never) => match never {},
        }
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
        async fn handle(&self, request: Request, next: impl Next) -> Response {
            let mut response = next.run(request).await;
            let names = response.headers_mut();
            names.append("said-by", HeaderValue::from_static(self.0));
            response
        }
    }

    /// Answers by itself.
    struct Answers;

    impl Layer for Answers {
        async fn handle(&self, _: Request, _: impl Next) -> Response {
            "no further".into_response()
        }
    }

    async fn said(layers: impl Layer) -> Vec<HeaderValue> {
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
        let layers = Says("outer").around(Says("middle")).around(Says("inner"));
        assert_eq!(said(layers).await, ["inner", "middle", "outer"]);
    }

    #[tokio::test]
    async fn what_lies_below_one_that_answers_is_not_asked() {
        let layers = Says("outer").around(Answers).around(Says("inner"));
        assert_eq!(said(layers).await, ["outer"]);
    }
}

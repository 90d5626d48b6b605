//! Bodies that are answered before they are read.
//!
//! To close an HTTP/1 connection on which bytes are still unread resets it, and the reset can overtake the
//! answer: the client, still sending, sees a broken pipe where it was told what is wrong.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{body::Body, extract::Request, middleware::Next, response::Response};
use bytes::Bytes;
use http::{Version, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;

/// How long we read on for the client's sake.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) async fn drain(request: Request, next: Next) -> Response {
    let can_be_told_to_stop = request.version() >= Version::HTTP_2;
    if can_be_told_to_stop || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let waits_for_a_go = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let shared = Shared::new(body);
    let response = next
        .run(Request::from_parts(parts, Body::new(shared.clone())))
        .await;
    // Whoever waits for a go and did not get it will not send.
    if !waits_for_a_go || shared.is_begun() {
        let rest = async { while let Some(Ok(_)) = shared.clone().frame().await {} };
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    }
    response
}

/// A body that is read by the handler first and by us afterwards.
#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

struct State {
    body: Body,
    begun: bool,
    ended: bool,
}

impl Shared {
    fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(State {
            body,
            begun: false,
            ended: false,
        })))
    }

    fn is_begun(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).begun
    }
}

impl http_body::Body for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.begun = true;
        if state.ended {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut state.body).poll_frame(context));
        state.ended = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .body
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .body
            .size_hint()
    }
}

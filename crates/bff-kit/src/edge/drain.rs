//! Bodies that nobody wanted to read.
//!
//! An HTTP/1 client sends its whole body before it reads the answer. Where we answer early (too large, no token)
//! and close, the rest of the body meets a closed socket, and the client sees a broken connection instead of our
//! answer. So what is left of a body is taken off the wire first, within bounds.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{body::Body, extract::Request, response::Response};
use bytes::Bytes;
use http::{HeaderValue, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;

use super::stack::{Layer, Next};

/// How much is taken and thrown away …
const AT_MOST_BYTES: usize = 16 * 1024 * 1024;
/// … and for how long. Whoever sends more, or more slowly, gets the connection closed.
const AT_MOST: Duration = Duration::from_secs(2);

/// Takes what nobody read of a body off the wire.
pub(super) struct Drain;

impl Layer for Drain {
    async fn handle(&self, mut request: Box<Request>, next: impl Next) -> Response {
        // HTTP/2 ends single streams; and who waits for our word before the body needs none now.
        let needless = request.version() > Version::HTTP_11 || request.headers().contains_key(header::EXPECT);
        if needless || request.body().is_end_stream() {
            return next.run(request).await;
        }
        let (give_back, mut left_over) = oneshot::channel();
        let lent = Lent {
            body: std::mem::take(request.body_mut()),
            give_back: Some(give_back),
        };
        *request.body_mut() = Body::new(lent);
        let mut response = next.run(request).await;
        if let Ok(body) = left_over.try_recv()
            && !taken_off(body).await
        {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }
}

/// Reads the body to its end and keeps nothing; false where that is too much.
async fn taken_off(mut body: Body) -> bool {
    let mut bytes = 0;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > AT_MOST_BYTES {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(AT_MOST, reading).await.unwrap_or(false)
}

/// A body that comes back when whoever it is lent to drops it before its end.
struct Lent {
    body: Body,
    give_back: Option<oneshot::Sender<Body>>,
}

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(give_back) = self.give_back.take()
            && !self.body.is_end_stream()
        {
            // Nobody waits for it any more where the connection has ended.
            let _ = give_back.send(std::mem::take(&mut self.body));
        }
    }
}

//! Methods with streams, as if all their messages came at once.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio_stream::Stream;
use tonic::{Request, Status, Streaming};

/// Messages that are answered one after the other.
#[derive(Debug)]
pub struct Answers<M> {
    left: std::vec::IntoIter<Result<M, Status>>,
}

impl<M> Answers<M> {
    pub(super) fn of(messages: Vec<Result<M, Status>>) -> Self {
        Self {
            left: messages.into_iter(),
        }
    }
}

impl<M: Unpin> Stream for Answers<M> {
    type Item = Result<M, Status>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.left.next())
    }
}

/// All messages until the stream ends, however it does.
pub(super) async fn all_at_once<M>(request: Request<Streaming<M>>) -> Request<Vec<M>> {
    let (metadata, extensions, mut stream) = request.into_parts();
    let mut messages = Vec::new();
    while let Ok(Some(message)) = stream.message().await {
        messages.push(message);
    }
    Request::from_parts(metadata, extensions, messages)
}

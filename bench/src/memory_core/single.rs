//! Single calls, one RPC each.

use std::{
    convert::Infallible,
    future::ready,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Buf as _, BufMut as _, Bytes};
use tonic::{
    Request, Response, Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{Service, http},
    server::{Grpc, NamedService},
};

use super::answers::Answers;

/// All methods of one service of the contract: the one that `S` serves.
pub(super) struct Single<S> {
    answers: Arc<Answers>,
    service: PhantomData<fn() -> S>,
}

impl<S> Single<S> {
    pub(super) fn new(answers: Arc<Answers>) -> Self {
        Self {
            answers,
            service: PhantomData,
        }
    }
}

impl<S> Clone for Single<S> {
    fn clone(&self) -> Self {
        Self::new(self.answers.clone())
    }
}

impl<S: NamedService> NamedService for Single<S> {
    const NAME: &'static str = S::NAME;
}

impl<S> Service<http::Request<Body>> for Single<S> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answers = self.answers.clone();
        let method = request.uri().path().trim_start_matches('/').to_owned();
        let answer = tower::service_fn(move |request: Request<Bytes>| {
            ready(answers.answer(&method, request.into_inner()).map(Response::new))
        });
        Box::pin(async move { Ok(Grpc::new(Raw).unary(answer, request).await) })
    }
}

/// Messages as they are on the wire.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

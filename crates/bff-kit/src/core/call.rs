//! One call: how long it may take, how it travels, and how its answer is read.

use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use prost::Message as _;
use proto::{Rpc, batch::v1::Call};
use tonic::{Request, Response, Status, transport::Channel};
use tonic_prost::ProstCodec;

use crate::{
    auth::Viewer,
    edge::CallContext,
    error::{ApiError, ApiResult},
};

/// How long a call may take: `at_most`, and no longer than the request has.
pub(super) fn time_left(at_most: Duration) -> ApiResult<Duration> {
    let left = CallContext::with(CallContext::time_left);
    let timeout = left.map_or(at_most, |left| left.min(at_most));
    if timeout.is_zero() {
        return Err(ApiError::DeadlineExceeded {
            cause: "no time was left for the core".to_owned(),
        });
    }
    Ok(timeout)
}

pub(super) fn too_slow(timeout: Duration) -> ApiError {
    ApiError::DeadlineExceeded {
        cause: format!("the core took more than {timeout:?}"),
    }
}

/// A call that travels in a batch.
pub(super) fn in_batch<R: Rpc>(request: Bytes, viewer: Option<&Viewer>, timeout: Duration) -> Call {
    let mut call = Call {
        method: R::METHOD.to_owned(),
        request,
        token: viewer.map(|viewer| viewer.token().to_owned()).unwrap_or_default(),
        timeout_ms: u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX).max(1),
        ..Call::default()
    };
    CallContext::with(|context| {
        context.request_id.as_str().clone_into(&mut call.request_id);
        call.client_address = context.address.to_string();
    });
    call
}

pub(super) fn decode<R: Rpc>(encoded: &Bytes) -> ApiResult<R::Answer> {
    let message = R::Answer::decode(encoded.as_ref());
    message.map_err(|error| ApiError::Internal {
        cause: format!("the answer of {} cannot be read: {error}", R::METHOD),
    })
}

/// A call by itself.
pub(super) async fn alone<R: Rpc>(
    channel: Channel,
    request: Request<R>,
) -> Result<Response<R::Answer>, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    let ready = client.ready().await;
    ready.map_err(|error| Status::from_error(Box::new(error)))?;
    let path = PathAndQuery::try_from(format!("/{}", R::METHOD));
    let path = path.map_err(|error| Status::internal(error.to_string()))?;
    client.unary(request, path, ProstCodec::default()).await
}

//! Calls to the core: one channel, and for every call a deadline, the request's name and, where the call
//! is made for somebody, their token.

mod readiness;
mod tls;

use std::time::Duration;

use anyhow::Context as _;
use prost_types::FieldMask;
use tonic::{
    Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};

use crate::{
    auth::Viewer,
    edge::{CallContext, RequestId},
    error::{ApiError, ApiResult},
    settings::CoreSettings,
};

pub(crate) use readiness::watch;

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How many calls may wait for the connection.
const WAITING_CALLS: usize = 128;
/// How long the connection may be silent before we ask whether anybody is there.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long we wait for the answer to that.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// The way to the core. Clones share one connection, which comes back by itself.
#[derive(Clone, Debug)]
pub struct CoreChannel {
    channel: Channel,
    read_timeout: Duration,
    write_timeout: Duration,
    secret: Option<MetadataValue<Ascii>>,
}

impl CoreChannel {
    /// A channel that connects once it is used. Has to be called inside a runtime.
    pub fn connect_lazy(settings: &CoreSettings) -> anyhow::Result<Self> {
        let mut endpoint = Endpoint::from_shared(settings.url.clone())?
            .connect_timeout(CONNECT_TIMEOUT)
            .buffer_size(WAITING_CALLS)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true)
            .tcp_nodelay(true);
        if let Some(tls) = tls::config(&settings.tls)? {
            endpoint = endpoint.tls_config(tls)?;
        }
        let secret = match settings.secret.as_str() {
            "" => None,
            secret => {
                let mut secret: MetadataValue<Ascii> = secret.parse().context("core.secret")?;
                secret.set_sensitive(true);
                Some(secret)
            }
        };
        Ok(Self {
            channel: endpoint.connect_lazy(),
            secret,
            read_timeout: settings.read_timeout.get(),
            write_timeout: settings.write_timeout.get(),
        })
    }

    /// Makes a call that changes nothing, for nobody in particular.
    pub async fn read<M, R>(
        &self,
        message: M,
        method: impl AsyncFnOnce(Channel, Request<M>) -> Result<Response<R>, Status>,
    ) -> ApiResult<R> {
        self.call(Kind::Read, None, message, method).await
    }

    /// Makes a call that changes nothing, for `viewer`.
    pub async fn read_as<M, R>(
        &self,
        viewer: &Viewer,
        message: M,
        method: impl AsyncFnOnce(Channel, Request<M>) -> Result<Response<R>, Status>,
    ) -> ApiResult<R> {
        self.call(Kind::Read, Some(viewer), message, method).await
    }

    /// Makes a call that changes something, for nobody in particular.
    pub async fn write<M, R>(
        &self,
        message: M,
        method: impl AsyncFnOnce(Channel, Request<M>) -> Result<Response<R>, Status>,
    ) -> ApiResult<R> {
        self.call(Kind::Write, None, message, method).await
    }

    /// Makes a call that changes something, for `viewer`.
    pub async fn write_as<M, R>(
        &self,
        viewer: &Viewer,
        message: M,
        method: impl AsyncFnOnce(Channel, Request<M>) -> Result<Response<R>, Status>,
    ) -> ApiResult<R> {
        self.call(Kind::Write, Some(viewer), message, method).await
    }

    /// A request that says which gateway it comes from.
    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        if let Some(secret) = &self.secret {
            request.metadata_mut().insert("x-gateway-secret", secret.clone());
        }
        request
    }

    async fn call<M, R>(
        &self,
        kind: Kind,
        viewer: Option<&Viewer>,
        message: M,
        method: impl AsyncFnOnce(Channel, Request<M>) -> Result<Response<R>, Status>,
    ) -> ApiResult<R> {
        let context = CallContext::current();
        let at_most = match kind {
            Kind::Read => self.read_timeout,
            Kind::Write => self.write_timeout,
        };
        let left = context.as_ref().map(CallContext::time_left);
        let timeout = left.map_or(at_most, |left| left.min(at_most));
        if timeout.is_zero() {
            return Err(ApiError::DeadlineExceeded {
                cause: "no time was left for the core".to_owned(),
            });
        }
        let mut request = self.request(message);
        request.set_timeout(timeout);
        let metadata = request.metadata_mut();
        if let Some(context) = &context
            && let Ok(name) = MetadataValue::try_from(context.request_id.as_str())
        {
            metadata.insert(RequestId::HEADER, name);
            if let Ok(address) = MetadataValue::try_from(context.address.to_string()) {
                metadata.insert("x-client-address", address);
            }
        }
        if let Some(viewer) = viewer {
            metadata.insert("authorization", viewer.authorization());
        }
        let idempotency = context.as_ref().and_then(|context| context.idempotency.clone());
        let idempotency = idempotency.filter(|_| kind == Kind::Write);
        if let Some(idempotency) = &idempotency {
            metadata.insert("idempotency-key", idempotency.key());
        }
        // The channel's own timer begins only when the call has left the queue.
        match tokio::time::timeout(timeout, method(self.channel.clone(), request)).await {
            Ok(answer) => {
                let answer = answer?;
                if let Some(idempotency) = &idempotency {
                    idempotency.note(answer.metadata());
                }
                if let (Some(context), Some(_)) = (&context, viewer) {
                    context.accept();
                }
                Ok(answer.into_inner())
            }
            Err(_) => Err(ApiError::DeadlineExceeded {
                cause: format!("the core took more than {timeout:?}"),
            }),
        }
    }
}

/// What a call does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Changes nothing.
    Read,
    /// Changes something.
    Write,
}

/// A mask that names `fields`, so that the core reads and sends no more than these.
pub fn mask(fields: &[&str]) -> Option<FieldMask> {
    Some(FieldMask {
        paths: fields.iter().map(|&field| field.to_owned()).collect(),
    })
}

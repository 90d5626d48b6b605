//! What everything that is done for one request has to know: its name and when it has to be over.

use std::{
    future::Future,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::HeaderValue;
use tokio::time::Instant;

use super::Idempotency;

/// What a request keeps for itself of its deadline, to answer after whatever it waits for has given up.
const RESERVE: Duration = Duration::from_millis(20);

tokio::task_local! {
    static CURRENT: CallContext;
}

/// The request that is being answered. Whatever it spawns has to be given it with [`CallContext::scope`].
#[derive(Clone, Debug)]
pub struct CallContext {
    /// When the answer has to be there.
    pub deadline: Instant,
    /// The request's name, in the log of every process that works on it.
    pub request_id: RequestId,
    /// The path that was asked for.
    pub path: Arc<str>,
    /// The network that the client is in: an address of IPv4, or the first of a /64 of IPv6.
    pub address: IpAddr,
    /// What the client calls this write by, if it gave it a name.
    pub idempotency: Option<Idempotency>,
    /// Whether the core has taken the token that came with it.
    pub(super) accepted: Arc<AtomicBool>,
}

impl CallContext {
    /// The context of the request that is being answered, if one is.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Notes that the core has taken the token that came with the request.
    pub(crate) fn accept(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    /// Whether the core has taken the token that came with the request.
    pub(super) fn is_accepted(&self) -> bool {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How long it may still wait for others.
    pub fn time_left(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.saturating_sub(RESERVE)
    }

    /// Does `work` in this context.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

/// The name of a request: up to 64 letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The header that carries it, both ways and to the core.
    pub const HEADER: &str = "x-request-id";

    /// The name that a client gave, if it is a sane one; otherwise a new one.
    pub fn from_client(header: Option<&HeaderValue>) -> Self {
        let sane = |text: &&str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            (1..=64).contains(&text.len()) && text.bytes().all(allowed)
        };
        match header.and_then(|value| value.to_str().ok()).filter(sane) {
            Some(text) => Self(text.into()),
            None => Self(uuid::Uuid::now_v7().to_string().into()),
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &'static str) -> RequestId {
        RequestId::from_client(Some(&HeaderValue::from_static(text)))
    }

    #[test]
    fn keeps_a_sane_name_and_replaces_any_other() {
        assert_eq!(id("order-7_a.B").as_str(), "order-7_a.B");
        for insane in [
            "",
            "a b",
            "a\"b",
            "<script>",
            "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345",
        ] {
            assert_eq!(id(insane).as_str().len(), 36, "{insane}");
        }
        assert_ne!(RequestId::from_client(None), RequestId::from_client(None));
    }
}

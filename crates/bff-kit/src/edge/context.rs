//! What everything that is done for one request has to know: its name and when it has to be over.

use std::{
    future::Future,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::extract::MatchedPath;
use http::{HeaderValue, Method};
use tokio::time::Instant;

use super::{Idempotency, layers};
use crate::core::{Basis, KeptAnswer, Seen};

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
    /// What is to be done …
    pub method: Method,
    /// … by which of the routes; nothing where there is none of this path.
    pub route: Option<MatchedPath>,
    /// The path that was asked for.
    pub path: Arc<str>,
    /// The network that the client is in: an address of IPv4, or the first of a /64 of IPv6.
    pub address: IpAddr,
    /// What the client calls this write by, if it gave it a name.
    pub idempotency: Option<Idempotency>,
    /// What of the core's log of changes the client has seen already, and has to see again.
    pub(crate) at_least: Seen,
    /// What becomes of it on the way.
    pub(super) course: Arc<Course>,
}

/// What becomes of a request on the way.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// Whether the core has taken the token that came with it.
    accepted: AtomicBool,
    /// Whether the answer is somebody's own, or of this moment only.
    for_now: AtomicBool,
    /// How old the oldest part of the answer is that is one of the past, in seconds and one more; 0 for none.
    stale_s: AtomicU64,
    /// The core's answers that the answer is made from.
    parts: Mutex<Vec<Arc<KeptAnswer>>>,
    /// What was written, by its place in the log of changes.
    wrote: Mutex<Seen>,
}

impl CallContext {
    /// The context of the request that is being answered, if one is.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// What `look` sees in the context of the request that is being answered, if one is.
    pub(crate) fn with<T>(look: impl FnOnce(&Self) -> T) -> Option<T> {
        CURRENT.try_with(look).ok()
    }

    /// Tells, by name, which request is being answered, if one is.
    pub(crate) fn describe(tell: &mut dyn FnMut(&'static str, &str)) {
        Self::with(|context| {
            tell("method", context.method.as_str());
            tell("route", layers::name_of(context.route.as_ref()));
            tell("request_id", context.request_id.as_str());
        });
    }

    /// Notes that the core has taken the token that came with the request.
    pub(crate) fn accept(&self) {
        self.course.accepted.store(true, Ordering::Relaxed);
    }

    /// Whether the core has taken the token that came with the request.
    pub(super) fn is_accepted(&self) -> bool {
        self.course.accepted.load(Ordering::Relaxed)
    }

    /// Notes that the answer is somebody's own, or of this moment only: it is kept for nobody.
    pub(crate) fn is_for_now(&self) {
        self.course.for_now.store(true, Ordering::Relaxed);
    }

    /// Notes that the answer is made from this.
    pub(crate) fn made_from(&self, part: &Arc<KeptAnswer>) {
        lock(&self.course.parts).push(part.clone());
    }

    /// Notes that a part of the answer is one of the past.
    pub(crate) fn is_stale(&self, age: Duration) {
        self.course
            .stale_s
            .fetch_max(age.as_secs() + 1, Ordering::Relaxed);
    }

    /// How old the oldest part of the past is, if there is one.
    pub(super) fn stale(&self) -> Option<u64> {
        self.course.stale_s.load(Ordering::Relaxed).checked_sub(1)
    }

    /// Notes that something was written, and where in the log of changes it stands.
    pub(crate) fn wrote(&self, written: Seen) {
        let mut wrote = lock(&self.course.wrote);
        *wrote = wrote.and(written);
    }

    /// What was written, by its place in the log of changes.
    pub(super) fn written(&self) -> Seen {
        *lock(&self.course.wrote)
    }

    /// What all of the answer was made from, where it is the same for everybody and all of that is known.
    pub(super) fn basis(&self) -> Option<Basis> {
        let course = &*self.course;
        if course.for_now.load(Ordering::Relaxed) || self.stale().is_some() {
            return None;
        }
        let parts = std::mem::take(&mut *lock(&course.parts));
        let bases = parts
            .iter()
            .map(|part| part.basis())
            .collect::<Option<Vec<_>>>()?;
        Basis::of_all(bases)
    }

    /// How long it may still wait for others.
    pub fn time_left(&self) -> Duration {
        let left = self.deadline.saturating_duration_since(Instant::now());
        left.saturating_sub(RESERVE)
    }

    /// Does `work` in this context.
    pub fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name of a request: up to 64 letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The header that carries it, both ways and to the core.
    pub const HEADER: &str = "x-request-id";

    /// The name that a client gave, if it is a sane one; otherwise a new one.
    pub fn from_client(header: Option<&HeaderValue>) -> Self {
        let sane = |value: &&HeaderValue| {
            let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
            (1..=64).contains(&value.len()) && value.as_bytes().iter().all(allowed)
        };
        match header.filter(sane) {
            Some(value) => Self(value.clone()),
            None => Self::new(),
        }
    }

    /// One that no other request has.
    fn new() -> Self {
        let mut text = uuid::Uuid::encode_buffer();
        let text = uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text);
        Self(HeaderValue::from_str(text).expect("digits, letters and dashes"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("it was looked at when it came in")
    }
}

impl From<RequestId> for HeaderValue {
    fn from(RequestId(value): RequestId) -> Self {
        value
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

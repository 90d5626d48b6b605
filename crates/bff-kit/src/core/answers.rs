//! Answers of the core that are the same for everybody, kept for as long as they are true, and shown as answers of the
//! past while the core is away.
//!
//! Only what a [`Public`] request is answered without a token gets here, so nothing that belongs to somebody can be put
//! in, waited for or taken out:
//!
//! ```compile_fail,E0277
//! # async fn f(core: bff_kit::CoreChannel) {
//! core.read(proto::users::v1::GetAccountRequest {}).await;
//! # }
//! ```
//!
//! What is public can:
//!
//! ```
//! # async fn f(core: bff_kit::CoreChannel) {
//! core.read(proto::books::v1::GetBookRequest::default()).await;
//! # }
//! ```

use std::{
    any::Any,
    ptr::fn_addr_eq,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use foldhash::quality::RandomState;
use moka::sync::Cache;
use proto::{Public, batch::v1::Answer};

use super::{
    batch, call,
    changes::{Basis, Changes, Truth},
    seen::{Place, Seen},
};
use crate::{
    error::{ApiError, ApiResult},
    flights::{Flight, Flights},
};

/// How many bytes a message takes, decoded and as a part of a screen, for each byte that it had encoded, about.
const DECODED: usize = 4;
/// How long the core is left alone after it could not be asked, where there is something to show without it.
const LEFT_ALONE: Duration = Duration::from_millis(500);

/// What is kept.
#[derive(Clone)]
pub(super) struct Answers {
    kept: Cache<Key, Arc<Kept>, RandomState>,
    flights: Arc<Flights<Key, Arc<Kept>, ApiError>>,
    failed: Arc<Failed>,
    changes: Changes,
}

/// A method and the encoded request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    method: &'static str,
    request: Bytes,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Kept {
    /// What the method answers; nothing where there is no such thing.
    answer: Result<Box<dyn Any + Send + Sync>, ApiError>,
    /// What was made of it first: a [`Prepared`].
    prepared: OnceLock<Box<dyn Any + Send + Sync>>,
    /// Nothing where it is not known what the answer depends on: then it is of this moment only.
    basis: Option<Basis>,
    since: Instant,
    bytes: usize,
}

/// What was made of an answer, and how.
struct Prepared<A, P> {
    make: fn(A) -> P,
    part: P,
}

/// When the core could not be asked last.
#[derive(Debug)]
struct Failed {
    began: Instant,
    /// Milliseconds from `began`.
    at_ms: AtomicU64,
}

/// What is known of an answer before the core is asked.
pub(super) enum Known {
    /// It is there.
    Current(Arc<Kept>),
    /// It was there once; the core may be asked for it.
    Past(Arc<Kept>),
    /// Nothing.
    Nothing,
}

impl Key {
    /// The key of a request.
    pub(super) fn of<R: Public>(request: &R) -> Self {
        Self {
            method: R::METHOD,
            request: request.encode_to_vec().into(),
        }
    }

    /// The encoded request.
    pub(super) fn request(&self) -> Bytes {
        self.request.clone()
    }
}

impl Kept {
    /// What the core has just said, which was asked since then.
    pub(super) fn of<R: Public>(answer: Answer, asked: Instant) -> ApiResult<Self> {
        let place = Place {
            epoch: answer.epoch,
            seq: answer.as_of,
        };
        let known = !answer.depends_on.is_empty();
        let basis = known.then(|| Basis::new(place, answer.depends_on, asked));
        let (answer, bytes): (Result<Box<dyn Any + Send + Sync>, _>, _) = match batch::outcome(answer.outcome)
        {
            Ok(encoded) => {
                let message = call::decode::<R>(&encoded)?;
                (Ok(Box::new(message)), encoded.len() * DECODED)
            }
            Err(status) => match ApiError::from(status) {
                absent @ ApiError::NotFound { .. } => (Err(absent), 0),
                failure => return Err(failure),
            },
        };
        Ok(Self {
            answer,
            prepared: OnceLock::new(),
            bytes: bytes + size_of::<Self>() + basis.as_ref().map_or(0, Basis::bytes),
            basis,
            since: Instant::now(),
        })
    }

    /// The answer itself.
    pub(super) fn message<R: Public>(&self) -> ApiResult<&R::Answer> {
        let answer = self.answer.as_ref().map_err(Clone::clone)?;
        answer.downcast_ref().ok_or_else(|| ApiError::Internal {
            cause: format!("what is kept for {} is something else", R::METHOD),
        })
    }

    /// What `make` makes of the answer.
    pub(super) fn prepared<R: Public, P>(&self, make: fn(R::Answer) -> P) -> ApiResult<P>
    where
        P: Clone + Send + Sync + 'static,
    {
        let prepared = self.prepared.get().and_then(|any| any.downcast_ref());
        match prepared {
            Some(Prepared::<R::Answer, P> { make: same, part }) if fn_addr_eq(*same, make) => {
                return Ok(part.clone());
            }
            _ => {}
        }
        let part = make(self.message::<R>()?.clone());
        let _ = self.prepared.set(Box::new(Prepared {
            make,
            part: part.clone(),
        }));
        Ok(part)
    }

    /// What it was made from, where that is known.
    pub(crate) fn basis(&self) -> Option<&Basis> {
        self.basis.as_ref()
    }

    /// How old it is.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }
}

impl Answers {
    /// Keeps up to about so many bytes, and holds them against these changes.
    pub(super) fn new(max_bytes: u64, changes: Changes) -> Self {
        let weigh = |key: &Key, kept: &Arc<Kept>| {
            u32::try_from(size_of::<Key>() + key.request.len() + kept.bytes).unwrap_or(u32::MAX)
        };
        Self {
            kept: Cache::builder()
                .max_capacity(max_bytes)
                .weigher(weigh)
                .build_with_hasher(RandomState::default()),
            flights: Arc::default(),
            failed: Arc::new(Failed {
                began: Instant::now(),
                at_ms: AtomicU64::new(0),
            }),
            changes,
        }
    }

    /// What is known for somebody who has to see `at_least`.
    pub(super) fn look_up(&self, key: &Key, at_least: Seen) -> Known {
        let Some(kept) = self.kept.get(key) else {
            return Known::Nothing;
        };
        match kept.basis().map(|basis| self.changes.truth_of(basis, at_least)) {
            Some(Truth::Current) => Known::Current(kept),
            Some(Truth::Past) => Known::Past(kept),
            Some(Truth::Void) | None => Known::Nothing,
        }
    }

    /// The fetch for `key` that is under way, or else one that begins now: one at a time, in a task of its own, so that it
    /// ends even where nobody waits for it any more.
    pub(super) fn fetch<F>(&self, key: Key, fetch: impl FnOnce() -> F) -> Flight<Arc<Kept>, ApiError>
    where
        F: Future<Output = ApiResult<Kept>> + Send + 'static,
    {
        self.flights.join(key.clone(), || {
            let (this, fetch) = (self.clone(), fetch());
            async move {
                let fetched = fetch.await;
                this.failed
                    .note(fetched.as_ref().err().is_some_and(ApiError::is_outage));
                let fetched = Arc::new(fetched?);
                this.keep(key, &fetched);
                Ok(fetched)
            }
        })
    }

    /// Whether the core is left alone for a moment, because it could not be asked just now.
    pub(super) fn leaves_alone(&self) -> bool {
        self.failed.is_recent()
    }

    /// Leaves the core alone for a moment.
    pub(super) fn leave_alone(&self) {
        self.failed.note(true);
    }

    /// Keeps an answer, unless one is there that can still be shown and has seen more.
    fn keep(&self, key: Key, fetched: &Arc<Kept>) {
        let Some(basis) = fetched.basis() else {
            return;
        };
        let is_void = |there: &Basis| self.changes.truth_of(there, Seen::Nothing) == Truth::Void;
        let gives_way = |there: &Basis| basis.is_newer_than(there) || is_void(there);
        if self
            .kept
            .get(&key)
            .is_none_or(|there| there.basis().is_none_or(gives_way))
        {
            self.kept.insert(key, fetched.clone());
        }
    }
}

impl Failed {
    fn note(&self, failed: bool) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.at_ms
            .store(if failed { now.max(1) } else { 0 }, Ordering::Relaxed);
    }

    fn is_recent(&self) -> bool {
        let at = self.at_ms.load(Ordering::Relaxed);
        at > 0 && self.began.elapsed() < Duration::from_millis(at) + LEFT_ALONE
    }
}

//! HTTP services of others that a screen takes an optional part from.
//!
//! A page never depends on one: what is known is kept and shown again, marked as stale once it has
//! become old; a page waits a short time for what is not known yet, and goes on without it. The fetch
//! itself has a time-out of its own and outlives the page that began it, so that a slow service is slow
//! for the first reader only. One fetch for a thing at a time, a few in all, and none for a while after
//! several have failed in a row.
//!
//! Nothing of a request gets here but the name of the thing that is asked for: an [`Origin`] can call
//! one service and no other, with header fields that are ours alone.

mod breaker;
mod failure;
mod origin;
mod settings;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{Expiry, future::Cache};
use tokio::sync::Semaphore;

pub use failure::Failure;
pub use origin::Origin;
pub use settings::{BaseUrl, UpstreamSettings, UserAgent};

use crate::{
    edge::CallContext,
    error::{ApiError, ApiResult},
    flights::Flights,
    sections::Aged,
};
use breaker::Breaker;

/// A service of others, and what we know from it: a `T` for every key.
#[derive(Clone)]
pub struct Upstream<T> {
    shared: Arc<Shared<T>>,
}

struct Shared<T> {
    name: &'static str,
    origin: Origin,
    breaker: Breaker,
    seats: Semaphore,
    flights: Flights<Arc<str>, Arc<Kept<T>>, Failure>,
    kept: Cache<Arc<str>, Arc<Kept<T>>>,
    wait: Duration,
    timeout: Duration,
    fresh_for: Duration,
}

/// What an upstream said of a key.
struct Kept<T> {
    /// Nothing where it knows no such thing.
    value: Option<T>,
    since: Instant,
}

impl<T: Clone + Send + Sync + 'static> Upstream<T> {
    /// The service at `url`, called `name` in the log and in metrics. `weigh` says about how many bytes a
    /// value takes. Fails where no TLS can be had.
    pub fn new(
        name: &'static str,
        url: &BaseUrl,
        settings: &UpstreamSettings,
        weigh: fn(&T) -> usize,
    ) -> anyhow::Result<Self> {
        let kept = Cache::builder()
            .max_capacity(settings.max_cache_bytes)
            .weigher(move |key: &Arc<str>, kept: &Arc<Kept<T>>| {
                let value = kept.value.as_ref().map_or(0, weigh);
                u32::try_from(size_of::<Kept<T>>() + key.len() + value).unwrap_or(u32::MAX)
            })
            .expire_after(Lifetimes {
                found: settings.fresh_for.get() + settings.stale_for.get(),
                absent: settings.absent_for.get(),
            });
        let shared = Shared {
            name,
            origin: Origin::new(url, settings)?,
            breaker: Breaker::new(name, settings)?,
            seats: Semaphore::new(settings.max_fetches.get()),
            flights: Flights::default(),
            kept: kept.build(),
            wait: settings.wait.get(),
            timeout: settings.timeout.get(),
            fresh_for: settings.fresh_for.get(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// What is known of `key`, which `fetch` asks for if need be. Not found where the service knows no
    /// such thing; unavailable where nothing could be had in time.
    pub async fn find<F>(&self, key: &str, fetch: impl FnOnce(Origin) -> F) -> ApiResult<Aged<T>>
    where
        F: Future<Output = Result<Option<T>, Failure>> + Send + 'static,
    {
        // What it knows is true for a time only, which nobody tells the pages that are kept.
        CallContext::with(CallContext::is_for_now);
        let found = self.look_up(key, fetch).await;
        let state = match &found {
            Ok(part) if part.stale.is_some() => "stale",
            Ok(_) => "fresh",
            Err(ApiError::NotFound { .. }) => "absent",
            Err(_) => "missing",
        };
        metrics::counter!("upstream_lookups_total", "upstream" => self.shared.name, "state" => state)
            .increment(1);
        found
    }

    async fn look_up<F>(&self, key: &str, fetch: impl FnOnce(Origin) -> F) -> ApiResult<Aged<T>>
    where
        F: Future<Output = Result<Option<T>, Failure>> + Send + 'static,
    {
        let shared = &self.shared;
        let known = shared.kept.get(key).await;
        // What is known to be absent is gone from the cache before it is stale.
        if let Some(known) = &known
            && (known.value.is_none() || known.since.elapsed() < shared.fresh_for)
        {
            return known.part(shared.name, shared.fresh_for);
        }
        let key = Arc::<str>::from(key);
        let flight = shared.flights.join(key.clone(), || {
            let fetch = fetch(shared.origin.clone());
            shared.clone().fetch(key, fetch)
        });
        if let Some(stale) = known {
            return stale.part(shared.name, shared.fresh_for);
        }
        match tokio::time::timeout(shared.patience(), flight).await {
            Ok(Ok(found)) => found.part(shared.name, Duration::MAX),
            Ok(Err(failure)) => Err(failure.of(shared.name)),
            Err(_) => Err(Failure::TimedOut.of(shared.name)),
        }
    }
}

impl<T: Clone> Kept<T> {
    fn part(&self, name: &str, fresh_for: Duration) -> ApiResult<Aged<T>> {
        let age = self.since.elapsed();
        match &self.value {
            Some(value) => Ok(Aged {
                part: value.clone(),
                stale: (age >= fresh_for).then_some(age),
            }),
            None => Err(ApiError::not_found(name)),
        }
    }
}

impl<T: Send + Sync + 'static> Shared<T> {
    /// How long a page waits: its own deadline comes first.
    fn patience(&self) -> Duration {
        let left = CallContext::current().map(|context| context.time_left());
        left.map_or(self.wait, |left| left.min(self.wait))
    }

    async fn fetch(
        self: Arc<Self>,
        key: Arc<str>,
        fetch: impl Future<Output = Result<Option<T>, Failure>> + Send + 'static,
    ) -> Result<Arc<Kept<T>>, Failure> {
        let Ok(_seat) = self.seats.try_acquire() else {
            self.count("busy");
            return Err(Failure::Busy);
        };
        let began = Instant::now();
        let within_time = tokio::time::timeout(self.timeout, fetch);
        let call = async { within_time.await.unwrap_or(Err(Failure::TimedOut)) };
        let fetched = self.breaker.call(call).await;
        metrics::histogram!("upstream_fetch_seconds", "upstream" => self.name).record(began.elapsed());
        match fetched {
            Ok(value) => {
                self.count(if value.is_some() { "found" } else { "absent" });
                let kept = Arc::new(Kept {
                    value,
                    since: Instant::now(),
                });
                self.kept.insert(key, kept.clone()).await;
                Ok(kept)
            }
            Err(failure) => {
                self.count(failure.kind());
                tracing::debug!(upstream = self.name, %failure, "a fetch failed");
                Err(failure)
            }
        }
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!("upstream_fetches_total", "upstream" => self.name, "outcome" => outcome)
            .increment(1);
    }
}

/// How long answers are kept, whatever was kept before them.
struct Lifetimes {
    found: Duration,
    absent: Duration,
}

impl Lifetimes {
    fn of<T>(&self, kept: &Kept<T>) -> Duration {
        match kept.value {
            Some(_) => self.found,
            None => self.absent,
        }
    }
}

impl<T> Expiry<Arc<str>, Arc<Kept<T>>> for Lifetimes {
    fn expire_after_create(&self, _: &Arc<str>, kept: &Arc<Kept<T>>, _: Instant) -> Option<Duration> {
        Some(self.of(kept))
    }

    fn expire_after_update(
        &self,
        _: &Arc<str>,
        kept: &Arc<Kept<T>>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(self.of(kept))
    }
}

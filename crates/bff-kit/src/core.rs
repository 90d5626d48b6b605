//! Calls to the core: one channel, and for every call a deadline, the request's name and, where the call
//! is made for somebody, their token.
//!
//! What is the same for everybody is kept for as long as it is true (`answers`, `changes`); what has to be asked travels
//! with whatever else has to be asked at the same moment (`batch`). Callers see neither.

mod answers;
mod batch;
mod call;
mod changes;
mod credentials;
mod live;
mod pulse;
mod readiness;
mod seen;
mod tls;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use metrics::Counter;
use proto::{FieldMask, Public, Rpc};
use tonic::{
    Request, Response, Status,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use crate::{
    auth::Viewer,
    edge::{CallContext, RequestId},
    error::{ApiError, ApiResult},
    flights::Flight,
    sections::Aged,
    settings::{CacheSettings, CoreSettings},
};
use answers::{Answers, Kept, Key, Known};
use batch::Batches;
use credentials::Credentials;
use pulse::Pulse;

pub(crate) use answers::Kept as KeptAnswer;
pub(crate) use changes::{Basis, Changes, Truth, follow};
pub(crate) use live::{Live, News};
pub(crate) use readiness::watch;
pub(crate) use seen::{Seen, UNSURE};

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How many calls may wait for the connection.
const WAITING_CALLS: usize = 128;
/// How long the connection may be silent before we ask whether anybody is there.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
/// How long we wait for the answer to that.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long whoever wrote something waits until it has come back through the log of changes.
const COME_BACK: Duration = Duration::from_millis(50);
/// How long a request waits for a core of which nothing is heard, where there is something to show without it.
const PATIENCE: Duration = Duration::from_millis(100);
/// When to come again with a write, where the core gives no sign of life.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Where the core says of a write which place it has in the log of changes: `EPOCH.SEQ`, the epoch in 16 hex digits, or
/// something else where it does not know.
const PLACE: &str = "change-position";

/// The way to the core. Clones share one connection, which comes back by itself, and cost nothing: every request has some.
#[derive(Clone)]
pub struct CoreChannel(Arc<Way>);

struct Way {
    channel: Channel,
    /// For streams that stay open as long as a client does, so that calls never wait for a place beside them.
    live: Channel,
    credentials: Credentials,
    batches: Batches,
    /// Nothing where nothing may be kept.
    answers: Option<Answers>,
    changes: Changes,
    pulse: Pulse,
    counts: Counts,
    read_timeout: Duration,
    write_timeout: Duration,
}

/// Where answers came from.
struct Counts {
    kept: Counter,
    fetched: Counter,
    stale: Counter,
}

impl Counts {
    fn new() -> Self {
        let of = |state| metrics::counter!("core_answers_total", "state" => state);
        Self {
            kept: of("kept"),
            fetched: of("fetched"),
            stale: of("stale"),
        }
    }
}

impl CoreChannel {
    /// A channel that connects once it is used. Has to be called inside a runtime.
    pub fn connect_lazy(settings: &CoreSettings, cache: &CacheSettings) -> anyhow::Result<Self> {
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
        let credentials = Credentials::of(&settings.secret)?;
        let live = live::windows(endpoint.clone()).connect_lazy();
        let channel = endpoint.connect_lazy();
        let (pulse, changes) = (Pulse::new(), Changes::new());
        Ok(Self(Arc::new(Way {
            batches: Batches::over(channel.clone(), credentials.clone(), pulse.clone()),
            pulse,
            answers: (cache.max_bytes > 0).then(|| Answers::new(cache.max_bytes / 2, changes.clone())),
            changes,
            channel,
            live,
            credentials,
            counts: Counts::new(),
            read_timeout: settings.read_timeout.get(),
            write_timeout: settings.write_timeout.get(),
        })))
    }

    /// Asks for what is the same for everybody: from what is kept, where that is still true; otherwise from the core; and
    /// while the core is away, from what was true once.
    pub async fn read<R: Public>(&self, request: R) -> ApiResult<Aged<R::Answer>> {
        let Some(answers) = &self.0.answers else {
            return Ok(self.asked(request).await?.into());
        };
        let Aged { part: kept, stale } = self.kept(answers, request).await?;
        let part = kept.message::<R>()?.clone();
        Ok(Aged { part, stale })
    }

    /// What `make` makes of the answer to the same question: made once, for as long as the answer is kept.
    pub async fn prepare<R: Public, P>(&self, request: R, make: fn(R::Answer) -> P) -> ApiResult<Aged<P>>
    where
        P: Clone + Send + Sync + 'static,
    {
        let Some(answers) = &self.0.answers else {
            return Ok(make(self.asked(request).await?).into());
        };
        let Aged { part: kept, stale } = self.kept(answers, request).await?;
        let part = kept.prepared::<R, P>(make)?;
        Ok(Aged { part, stale })
    }

    async fn kept<R: Public>(&self, answers: &Answers, request: R) -> ApiResult<Aged<Arc<Kept>>> {
        let at_least = CallContext::with(|context| context.at_least).unwrap_or_default();
        let key = Key::of(&request);
        let known = answers.look_up(&key, at_least);
        let past = match known {
            Known::Current(kept) => {
                self.0.counts.kept.increment(1);
                CallContext::with(|context| context.made_from(&kept));
                return Ok(kept.into());
            }
            Known::Past(kept) => Some(kept),
            Known::Nothing => None,
        };
        let silent = self.0.changes.silence().is_some();
        // Nobody waits long for a core that says nothing where there is something to show without it.
        let patience = match &past {
            Some(past) if silent && answers.leaves_alone() => return Ok(self.stale(past.clone())),
            Some(_) if silent => PATIENCE,
            _ => self.0.read_timeout,
        };
        match (self.fetched::<R>(answers, key, at_least, patience).await, past) {
            (Err(error), Some(past)) if error.is_outage() => {
                answers.leave_alone();
                Ok(self.stale(past))
            }
            (fetched, _) => {
                self.0.counts.fetched.increment(1);
                let kept = fetched?;
                CallContext::with(|context| context.made_from(&kept));
                Ok(kept.into())
            }
        }
    }

    /// Asks for something that belongs to `viewer`, or for anything in their name.
    pub async fn read_as<R: Rpc>(&self, viewer: &Viewer, request: R) -> ApiResult<R::Answer> {
        let answer = self.ask(Some(viewer), request).await?;
        CallContext::with(CallContext::accept);
        Ok(answer)
    }

    /// Changes something, for nobody in particular.
    pub async fn write<R: Rpc>(&self, request: R) -> ApiResult<R::Answer> {
        self.change(None, request).await
    }

    /// Changes something, for `viewer`.
    pub async fn write_as<R: Rpc>(&self, viewer: &Viewer, request: R) -> ApiResult<R::Answer> {
        self.change(Some(viewer), request).await
    }

    /// Opens a stream for `viewer`, in one direction or in both. Only its beginning has to come in time.
    pub async fn stream_as<M, A>(
        &self,
        viewer: &Viewer,
        message: M,
        method: impl AsyncFnOnce(Channel, Request<M>) -> Result<Response<A>, Status>,
    ) -> ApiResult<A> {
        CallContext::with(CallContext::is_for_now);
        let timeout = call::time_left(self.0.write_timeout)?;
        let opened = method(self.0.channel.clone(), self.request(Some(viewer), message));
        let opened = tokio::time::timeout(timeout, opened).await;
        let opened = opened.map_err(|_| call::too_slow(timeout))??;
        CallContext::with(CallContext::accept);
        Ok(opened.into_inner())
    }

    /// Notes that something was written on a stream, where the core does not say where it stands in the log of changes: the
    /// client is told so, as long as the answer has not begun, and for a moment nothing that is kept is used here.
    pub fn has_written(&self) {
        CallContext::with(|context| context.wrote(Seen::Unknown));
        self.0.changes.wrote_somewhere();
    }

    /// What is known of the changes in the core.
    pub(crate) fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// What was true once, and how old it is.
    fn stale(&self, past: Arc<Kept>) -> Aged<Arc<Kept>> {
        let age = past.age();
        self.0.counts.stale.increment(1);
        CallContext::with(|context| context.is_stale(age));
        Aged {
            part: past,
            stale: Some(age),
        }
    }

    /// What is the same for everybody, as it is now, for this request alone.
    async fn asked<R: Public>(&self, request: R) -> ApiResult<R::Answer> {
        self.0.counts.fetched.increment(1);
        self.ask(None, request).await
    }

    /// Asks for something of this moment.
    async fn ask<R: Rpc>(&self, viewer: Option<&Viewer>, request: R) -> ApiResult<R::Answer> {
        CallContext::with(CallContext::is_for_now);
        let timeout = call::time_left(self.0.read_timeout)?;
        let call = call::in_batch::<R>(request.encode_to_vec().into(), viewer, timeout);
        let answer = tokio::time::timeout(timeout, self.0.batches.run(call));
        let answer = answer.await.map_err(|_| call::too_slow(timeout))??;
        call::decode::<R>(&batch::outcome(answer.outcome)?)
    }

    /// The answer to a read, which may be one that somebody else asked for before, as long as it shows all that has to be
    /// seen now.
    async fn fetched<R: Public>(
        &self,
        answers: &Answers,
        key: Key,
        at_least: Seen,
        patience: Duration,
    ) -> ApiResult<Arc<Kept>> {
        let timeout = call::time_left(patience)?;
        let shows = |basis: &Basis| self.0.changes.shows(basis, at_least);
        let fetch = async {
            let (fetch, begins_now) = self.fetch::<R>(answers, key.clone())?;
            let fetched = fetch.await;
            let will_do = match &fetched {
                Ok(kept) => kept.basis().map_or(at_least == Seen::Nothing, shows),
                // Its time was over, not that of this request.
                Err(error) => !matches!(error, ApiError::DeadlineExceeded { .. }),
            };
            if begins_now || will_do {
                return fetched;
            }
            // What was not yet under way when this request came sees all that was written before, and has time left.
            self.fetch::<R>(answers, key)?.0.await
        };
        tokio::time::timeout(timeout, fetch)
            .await
            .map_err(|_| call::too_slow(timeout))?
    }

    /// Begins to ask, or joins whoever is asking; and which of the two.
    fn fetch<R: Public>(
        &self,
        answers: &Answers,
        key: Key,
    ) -> ApiResult<(Flight<Arc<Kept>, ApiError>, bool)> {
        let (batches, timeout) = (self.0.batches.clone(), call::time_left(self.0.read_timeout)?);
        let call = call::in_batch::<R>(key.request(), None, timeout);
        let asked = Instant::now();
        // The batch ends in time, so that this needs no clock of its own.
        let fetch = async move { Kept::of::<R>(batches.run(call).await?, asked) };
        let mut begins = false;
        let flight = answers.fetch(key, || {
            begins = true;
            fetch
        });
        Ok((flight, begins))
    }

    async fn change<R: Rpc>(&self, viewer: Option<&Viewer>, message: R) -> ApiResult<R::Answer> {
        CallContext::with(CallContext::is_for_now);
        // There is nothing to show in place of what was not done, so nobody waits for it in vain.
        if self.0.pulse.is_gone() {
            return Err(ApiError::Unavailable {
                retry_after: RETRY_AFTER,
                cause: "the core gives no sign of life".to_owned(),
            });
        }
        let timeout = call::time_left(self.0.write_timeout)?;
        let mut request = self.request(viewer, message);
        request.set_timeout(timeout);
        let idempotency = CallContext::with(|context| context.idempotency.clone()).flatten();
        if let Some(idempotency) = &idempotency {
            request
                .metadata_mut()
                .insert("idempotency-key", idempotency.key());
        }
        // The channel's own timer begins only when the call has left the queue.
        let answer = tokio::time::timeout(timeout, call::alone(self.0.channel.clone(), request)).await;
        let answer = answer.map_err(|_| call::too_slow(timeout))??;
        self.0.pulse.beats();
        if let Some(idempotency) = &idempotency {
            idempotency.note(answer.metadata());
        }
        if viewer.is_some() {
            CallContext::with(CallContext::accept);
        }
        // Whatever changes nothing that others see, such as signing in, has no place.
        if let Some(place) = answer.metadata().get(PLACE) {
            let written = Seen::by_writer(place.to_str().unwrap_or_default());
            CallContext::with(|context| context.wrote(written));
            self.0.changes.wrote(written, COME_BACK).await;
        }
        Ok(answer.into_inner())
    }

    /// A request of its own, with what the core has to know beside the message.
    fn request<M>(&self, viewer: Option<&Viewer>, message: M) -> Request<M> {
        let mut request = self.0.credentials.request(message);
        let metadata = request.metadata_mut();
        CallContext::with(|context| {
            if let Ok(name) = MetadataValue::try_from(context.request_id.as_str()) {
                metadata.insert(RequestId::HEADER, name);
            }
            if let Ok(address) = MetadataValue::try_from(context.address.to_string()) {
                metadata.insert("x-client-address", address);
            }
        });
        if let Some(viewer) = viewer {
            metadata.insert("authorization", viewer.authorization());
        }
        request
    }
}

impl std::fmt::Debug for CoreChannel {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CoreChannel").finish_non_exhaustive()
    }
}

/// A mask that names `fields`, so that the core reads and sends no more than these.
pub fn mask(fields: &[&'static str]) -> Option<FieldMask> {
    Some(FieldMask::of(fields))
}

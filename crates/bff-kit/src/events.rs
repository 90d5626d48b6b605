//! Live events: what is written in the core, told to whoever may see it, as it is written.
//!
//! A client has one stream of its own from the core (`core/live.rs`), and takes from it what it can take: between the
//! two nothing is kept. Each event has an id, with which the client goes on where it was cut off, through whichever
//! gateway. What an event says is each gateway's own; how it gets there is the same for all.

mod bookmark;
mod seats;
mod socket;

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::FromRequestParts,
    response::{
        IntoResponse, Response,
        sse::{self, Sse},
    },
};
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use proto::changes::v1::{Change, Position};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use utoipa::{
    IntoParams, PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    auth::Viewer,
    core::{CoreChannel, Live, News},
    edge::{CallContext, RateLimits},
    error::{ApiError, ApiResult},
    input::Query,
    settings::LiveSettings,
};
pub use bookmark::Bookmark;
use seats::{Seat, Seats, Whose};
use socket::Handshake;
pub use socket::token_among_protocols;

/// After how long a client that was cut off comes back.
const RETRY: Duration = Duration::from_secs(1);
/// The id of the last event that a client has.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx to pass events on at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What all streams of a process share.
#[derive(Clone, Debug)]
pub(crate) struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    seats: Seats,
    /// How long a stream may be silent, so that nobody on the way takes it for dead.
    heartbeat: Duration,
    limits: Arc<RateLimits>,
    close: CancellationToken,
    /// The WebSockets that are open.
    sockets: TaskTracker,
}

impl Hub {
    /// Streams that end when `close` is cancelled, so that clients go on elsewhere.
    pub(crate) fn new(settings: LiveSettings, limits: Arc<RateLimits>, close: CancellationToken) -> Self {
        Self(Arc::new(Shared {
            heartbeat: settings.heartbeat.get(),
            seats: Seats::new(settings),
            limits,
            close,
            sockets: TaskTracker::new(),
        }))
    }

    /// Waits until all WebSockets have been closed, which they are once the streams end.
    pub(crate) async fn ended(&self) {
        self.0.sockets.close();
        self.0.sockets.wait().await;
    }
}

/// Where to go on.
#[derive(Clone, Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GoOn {
    /// The id of the last event that the client has, for clients that cannot send `Last-Event-ID`, which counts for more.
    #[param(inline)]
    after: Option<Bookmark>,
}

/// A client that wants to be told of what is written. As an argument of a handler it has where the client left off.
#[derive(Debug)]
pub struct Listener {
    hub: Hub,
    after: Option<Position>,
    address: IpAddr,
    handshake: Option<Handshake>,
}

impl<S: Send + Sync> FromRequestParts<S> for Listener {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let Query(GoOn { after }) = Query::from_request_parts(parts, state).await?;
        let hub = parts.extensions.get::<Hub>().cloned();
        let address = CallContext::with(|context| context.address);
        let (Some(hub), Some(address)) = (hub, address) else {
            return Err(ApiError::Internal {
                cause: "a client wants to be told of changes where nobody tells them".to_owned(),
            });
        };
        let after = last_event_id(&parts.headers).or(after.map(Position::from));
        let handshake = Handshake::of(parts)?;
        Ok(Self {
            hub,
            after,
            address,
            handshake,
        })
    }
}

/// What a browser sends when it comes back. What is no id of ours is one of a history that is no more.
fn last_event_id(headers: &HeaderMap) -> Option<Position> {
    let id = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty())?;
    let id = id.to_str().ok().and_then(Bookmark::read);
    Some(id.map(Position::from).unwrap_or_default())
}

impl Listener {
    /// Begins to follow the changes that `viewer` may see, or everybody.
    pub async fn follow(self, core: &CoreChannel, viewer: Option<&Viewer>) -> ApiResult<Following> {
        let live = core.follow_for(viewer, self.after).await?;
        // Only now is the token known to be good.
        let whose = match viewer {
            Some(viewer) => Whose::Session(self.hub.0.limits.session_of(viewer.token())),
            None => Whose::Address(self.address),
        };
        let seat = self.hub.0.seats.take(whose).ok_or(ApiError::TooManyStreams)?;
        Ok(Following {
            live,
            hub: self.hub,
            handshake: self.handshake,
            beats_at: None,
            _seat: seat,
        })
    }
}

/// A client that is told of what is written.
#[derive(Debug)]
pub struct Following {
    live: Live,
    hub: Hub,
    handshake: Option<Handshake>,
    /// When something has to be said; nothing before the first word.
    beats_at: Option<Instant>,
    _seat: Seat,
}

/// What a client is told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "lowercase")]
pub enum LiveEvent<E> {
    /// Something was written.
    Change(E),
    /// The log does not go on where the client left it: whatever it has is to be loaded anew.
    Resync(Null),
}

/// The data of what is said by its name alone.
#[derive(Debug, Serialize)]
pub struct Null;

impl PartialSchema for Null {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Null).into()
    }
}

impl ToSchema for Null {}

impl Following {
    /// The answer, as server-sent events: each change as `tell` tells it, and nothing of what it does not.
    pub fn events<E: Serialize + Send + 'static>(self, tell: fn(Change) -> Option<E>) -> Response {
        let events = self
            .told(tell)
            .map(|(here, told)| Ok::<_, Infallible>(event(here, told)));
        let headers = [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (BUFFERING, HeaderValue::from_static("no")),
        ];
        (headers, Sse::new(events)).into_response()
    }

    /// The same, over a WebSocket where the client has asked for one.
    pub fn events_or_socket<E: Serialize + Send + 'static>(
        mut self,
        tell: fn(Change) -> Option<E>,
    ) -> Response {
        let Some(handshake) = self.handshake.take() else {
            return self.events(tell);
        };
        let (sockets, heartbeat) = (self.hub.0.sockets.clone(), self.hub.0.heartbeat);
        let (response, socket) =
            handshake.accept(move |upgraded| socket::tell(upgraded, self.told(tell), heartbeat));
        sockets.spawn(socket);
        response
    }

    /// What the client is told, each time with where it is in the log then; nothing else where nothing was missed.
    fn told<E: Send + 'static>(
        self,
        tell: fn(Change) -> Option<E>,
    ) -> impl Stream<Item = (Bookmark, Option<LiveEvent<E>>)> + Send + 'static {
        stream::unfold(self, move |mut following| async move {
            let told = following.next(tell).await?;
            let here = following.live.at().unwrap_or_default();
            Some(((here.into(), told), following))
        })
    }

    /// What comes next, or that nothing was missed; nothing at all once it is over.
    async fn next<E>(&mut self, tell: fn(Change) -> Option<E>) -> Option<Option<LiveEvent<E>>> {
        loop {
            let beat = async {
                match self.beats_at {
                    Some(moment) => sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            let told = tokio::select! {
                biased;
                () = self.hub.0.close.cancelled() => return None,
                news = self.live.next() => match news? {
                    News::Change(change) => tell(*change).map(|change| Some(LiveEvent::Change(change))),
                    News::Resync => Some(Some(LiveEvent::Resync(Null))),
                    News::Nothing => self.beats_at.is_none().then_some(None),
                },
                () = beat => Some(None),
            };
            if let Some(told) = told {
                self.beats_at = Some(Instant::now() + self.hub.0.heartbeat);
                return Some(told);
            }
        }
    }
}

/// A server-sent event. What only has an id moves a browser's `Last-Event-ID` and is not shown to its page.
fn event<E: Serialize>(here: Bookmark, told: Option<LiveEvent<E>>) -> sse::Event {
    let event = sse::Event::default().id(here.to_string());
    match told {
        None => event.retry(RETRY),
        Some(LiveEvent::Resync(Null)) => event.event("resync").data("null"),
        Some(LiveEvent::Change(change)) => {
            let event = event.event("change");
            event.json_data(change).expect("what is told is plain JSON")
        }
    }
}

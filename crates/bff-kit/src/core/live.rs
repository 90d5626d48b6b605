//! Following the log of changes for one client, in the client's name: the core leaves out what the client may not see,
//! and ends the stream with the client's session.
//!
//! Nothing is read ahead: what the client does not take stays in the core, but for a few kilobytes in the stream's
//! window. Where the stream breaks off without a word about the client, it is opened again at the place where it broke
//! off, and the client does not notice.

use std::time::Duration;

use proto::changes::v1::{
    Change, Position, SubscribeRequest, SubscribeResponse, change_service_client::ChangeServiceClient,
    subscribe_response::Event,
};
use tokio::time::{sleep, timeout};
use tonic::{
    Code, Request, Status, Streaming, metadata::MetadataMap, transport::Channel, transport::Endpoint,
};

use super::{
    CoreChannel,
    call::{time_left, too_slow},
};
use crate::{auth::Viewer, edge::CallContext, error::ApiResult};

/// How much of one stream may wait in our memory …
const STREAM_WINDOW_BYTES: u32 = 16 * 1024;
/// … and of all together, so that clients who do not read keep nobody else from reading.
const CONNECTION_WINDOW_BYTES: u32 = 4096 * STREAM_WINDOW_BYTES;
/// How long the core, which beats every second, may be silent before the stream is taken for broken.
const SILENCE: Duration = Duration::from_secs(5);
/// How long opening a stream again may take.
const OPEN_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait before that, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// Windows for streams of which many are open and few are read at any moment.
pub(super) fn windows(endpoint: Endpoint) -> Endpoint {
    endpoint
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
}

/// The log of changes, as one client may see it.
pub(crate) struct Live {
    channel: Channel,
    /// What every request for the client comes with.
    metadata: MetadataMap,
    /// Up to where the client has been told everything.
    at: Option<Position>,
    /// Nothing while it has to be opened again.
    stream: Option<Streaming<SubscribeResponse>>,
    /// The number of the last change, or where the stream began.
    last: Option<i64>,
    pause: Duration,
}

/// What is heard of the log.
pub(crate) enum News {
    /// Something was written.
    Change(Box<Change>),
    /// Nothing more that the client may see was written up to where the log is now.
    Nothing,
    /// The log does not go on where the client left it.
    Resync,
}

impl CoreChannel {
    /// Follows the log for `viewer`, or for nobody in particular, from the place that the client has seen last; from its
    /// end where there is none.
    pub(crate) async fn follow_for(
        &self,
        viewer: Option<&Viewer>,
        after: Option<Position>,
    ) -> ApiResult<Live> {
        CallContext::with(CallContext::is_for_now);
        let timeout = time_left(self.0.read_timeout)?;
        let mut live = Live {
            channel: self.0.live.clone(),
            metadata: self.request(viewer, ()).into_parts().0,
            at: after,
            stream: None,
            last: None,
            pause: PAUSES[0],
        };
        let opened = tokio::time::timeout(timeout, live.open()).await;
        opened.map_err(|_| too_slow(timeout))??;
        if viewer.is_some() {
            CallContext::with(CallContext::accept);
        }
        Ok(live)
    }
}

impl Live {
    /// Up to where the client has been told everything; nothing before the first news.
    pub(crate) fn at(&self) -> Option<Position> {
        self.at
    }

    /// What comes next, as soon as it does; nothing once it is over for this client, because of who it is. May be
    /// dropped before it is ready, and asked again.
    pub(crate) async fn next(&mut self) -> Option<News> {
        loop {
            let heard = match &mut self.stream {
                Some(stream) => match timeout(SILENCE, stream.message()).await {
                    Ok(Ok(Some(heard))) => self.take(heard.event),
                    Ok(Ok(None)) => Err(Status::unavailable("the log ended")),
                    Ok(Err(status)) => Err(status),
                    Err(_) => Err(Status::deadline_exceeded("the core is silent")),
                },
                None => {
                    sleep(jittered(self.pause)).await;
                    self.pause = (self.pause * 2).min(PAUSES[1]);
                    match timeout(OPEN_TIMEOUT, self.open()).await {
                        Ok(Ok(())) => continue,
                        Ok(Err(status)) => Err(status),
                        Err(_) => Err(Status::deadline_exceeded("the core does not answer")),
                    }
                }
            };
            match heard {
                Ok(Some(news)) => return Some(news),
                Ok(None) => {}
                Err(status) if is_about_the_client(status.code()) => return None,
                Err(status) => {
                    tracing::debug!(%status, "a client's stream of changes broke off");
                    metrics::counter!("live_breaks_total").increment(1);
                    self.stream = None;
                }
            }
        }
    }

    async fn open(&mut self) -> Result<(), Status> {
        let mut request = Request::new(SubscribeRequest { after: self.at });
        *request.metadata_mut() = self.metadata.clone();
        let mut client = ChangeServiceClient::new(self.channel.clone());
        self.stream = Some(client.subscribe(request).await?.into_inner());
        self.last = self.at.map(|place| place.seq);
        Ok(())
    }

    /// Moves on to where an event stands.
    fn take(&mut self, event: Option<Event>) -> Result<Option<News>, Status> {
        let news = match event {
            Some(Event::Heartbeat(place)) => {
                self.at = Some(place);
                News::Nothing
            }
            Some(Event::Resync(place)) => {
                self.last = Some(place.seq);
                // Whoever did not say where to begin begins here.
                match self.at.replace(place) {
                    Some(_) => News::Resync,
                    None => News::Nothing,
                }
            }
            Some(Event::Change(change)) => {
                if self.last.is_some_and(|last| last != change.previous_seq) {
                    metrics::counter!("live_gaps_total").increment(1);
                    return Err(Status::data_loss("a change is missing"));
                }
                let place = change.position.unwrap_or_default();
                (self.at, self.last) = (Some(place), Some(place.seq));
                News::Change(Box::new(change))
            }
            None => return Ok(None),
        };
        self.pause = PAUSES[0];
        Ok(Some(news))
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Live")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Whether the core ends the stream because of who follows it, so that asking again is of no use.
fn is_about_the_client(code: Code) -> bool {
    matches!(
        code,
        Code::Unauthenticated | Code::PermissionDenied | Code::InvalidArgument | Code::Unimplemented
    )
}

/// Up to twice as long, so that not all come back in one moment.
fn jittered(pause: Duration) -> Duration {
    let random = uuid::Uuid::now_v7().as_u64_pair().1 % 1_000;
    pause + pause * u32::try_from(random).unwrap_or_default() / 1_000
}

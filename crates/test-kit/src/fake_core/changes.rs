//! The feed of changes of the fake core: it says what a test has it say, while the test goes on.

use std::pin::Pin;

use proto::changes::v1::change_service_server::ChangeService;
use proto::changes::v1::subscribe_response::Event;
use proto::changes::v1::{ListChangesRequest, ListChangesResponse, SubscribeRequest, SubscribeResponse};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, async_trait};

use super::{Memory, Rpc};

/// How much may be said while nobody reads.
const UNREAD_AT_MOST: usize = 65_536;

/// A feed: greets everybody who comes to follow it, and then says what the test says.
#[derive(Clone, Debug)]
pub struct FakeFeed {
    greeting: Event,
    said: broadcast::Sender<Result<SubscribeResponse, Status>>,
}

impl FakeFeed {
    /// One that greets like this: a heartbeat where the log goes on, or a resync.
    pub fn greeting(greeting: Event) -> Self {
        Self {
            greeting,
            said: broadcast::Sender::new(UNREAD_AT_MOST),
        }
    }

    /// Says this to all who follow it now.
    pub fn says(&self, event: Event) {
        let _ = self.said.send(Ok(said(event)));
    }

    /// Says this, and that the log had come up to this change, as of so many milliseconds ago.
    pub fn says_of(&self, event: Event, head: i64, head_age_ms: u32) {
        let event = Some(event);
        let _ = self.said.send(Ok(SubscribeResponse {
            event,
            head,
            head_age_ms,
        }));
    }

    /// Ends like this for all who follow it now.
    pub fn ends(&self, status: Status) {
        let _ = self.said.send(Err(status));
    }

    /// How many follow it now.
    pub fn followers(&self) -> usize {
        self.said.receiver_count()
    }
}

/// Something, where there is nothing in the log that comes after it.
fn said(event: Event) -> SubscribeResponse {
    let position = match &event {
        Event::Change(change) => change.position.unwrap_or_default(),
        Event::Heartbeat(position) | Event::Resync(position) => *position,
    };
    SubscribeResponse {
        event: Some(event),
        head: position.seq,
        head_age_ms: 0,
    }
}

/// `ChangeService/Subscribe`.
#[derive(Clone, Copy, Debug)]
pub struct Subscribe;

impl Rpc for Subscribe {
    type Request = SubscribeRequest;
    type Answer = FakeFeed;
}

/// `ChangeService/ListChanges`.
#[derive(Clone, Copy, Debug)]
pub struct ListChanges;

impl Rpc for ListChanges {
    type Request = ListChangesRequest;
    type Answer = ListChangesResponse;
}

#[async_trait]
impl ChangeService for Memory {
    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        if let Some(followed) = self.follow(&request) {
            return followed.map(Response::new);
        }
        let feed = self.answer::<Subscribe>(request).await?.into_inner();
        let later = BroadcastStream::new(feed.said.subscribe());
        let later = later.map(|next| next.unwrap_or_else(|_| Err(Status::data_loss("too much was said"))));
        let greeting = tokio_stream::once(Ok(said(feed.greeting)));
        Ok(Response::new(Box::pin(greeting.chain(later))))
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        self.answer::<ListChanges>(request).await
    }
}

//! A log of changes in which nothing happens: it beats, so that what is kept stays true.

use std::{pin::Pin, time::Duration};

use proto::changes::v1::{
    ListChangesRequest, ListChangesResponse, Position, SubscribeRequest, SubscribeResponse,
    change_service_server::ChangeService, subscribe_response::Event,
};
use tokio::time::interval;
use tokio_stream::{Stream, StreamExt as _, wrappers::IntervalStream};
use tonic::{Request, Response, Status, async_trait};

/// How often it beats.
const BEAT: Duration = Duration::from_millis(500);
/// The end of the log.
pub(super) const NOW: Position = Position {
    epoch: 1,
    seq: 1,
    tag: 1,
};

pub(super) struct Quiet;

#[async_trait]
impl ChangeService for Quiet {
    type SubscribeStream = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let first = match request.into_inner().after {
            Some(NOW) => Event::Heartbeat(NOW),
            _ => Event::Resync(NOW),
        };
        let beats = IntervalStream::new(interval(BEAT)).map(|_| Event::Heartbeat(NOW));
        let events = tokio_stream::once(first).chain(beats);
        let events = events.map(|event| {
            Ok(SubscribeResponse {
                event: Some(event),
                head: NOW.seq,
                head_age_ms: 0,
            })
        });
        Ok(Response::new(Box::pin(events)))
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        let known = request.into_inner().after == Some(NOW);
        Ok(Response::new(ListChangesResponse {
            next: Some(NOW),
            resync: !known,
            ..Default::default()
        }))
    }
}

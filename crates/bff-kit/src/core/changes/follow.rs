//! Following the log of changes.

use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

use proto::changes::v1::{
    Change, Operation, Position, SubscribeRequest, change_service_client::ChangeServiceClient,
    subscribe_response::Event,
};
use tonic::Status;

use super::{Place, SILENCE};
use crate::core::CoreChannel;

/// How long to wait before asking again after the log broke off.
const PAUSE: Duration = Duration::from_millis(100);

/// Follows the log for as long as the process lives, and goes on where it broke off.
pub(crate) async fn follow(core: CoreChannel) {
    let mut at = None;
    loop {
        let Err(status) = read(&core, &mut at).await;
        tracing::debug!(%status, "the log of changes broke off");
        metrics::counter!("change_feed_breaks_total").increment(1);
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads the log from a position on, until it breaks off; moves the position along.
async fn read(core: &CoreChannel, at: &mut Option<Position>) -> Result<Infallible, Status> {
    let mut client = ChangeServiceClient::new(core.0.channel.clone());
    let request = core.0.credentials.request(SubscribeRequest { after: *at });
    let mut events = within(client.subscribe(request)).await?.into_inner();
    let mut last = at.map(|position| position.seq);
    let mut ahead = Ahead::default();
    loop {
        let said = within(events.message()).await?;
        let said = said.ok_or_else(|| Status::unavailable("the log ended"))?;
        core.0.pulse.beats();
        ahead.note(said.head, said.head_age_ms);
        match said.event {
            Some(Event::Resync(position)) => {
                core.0.changes.begin_at(place(&position));
                last = Some(position.seq);
                *at = Some(position);
            }
            Some(Event::Heartbeat(position)) => {
                core.0.changes.reach(position.seq);
                *at = Some(position);
            }
            Some(Event::Change(change)) => {
                if last.is_some_and(|last| last != change.previous_seq) {
                    metrics::counter!("change_feed_gaps_total").increment(1);
                    *at = None;
                    return Err(Status::data_loss("a change is missing from the log"));
                }
                let position = change.position.unwrap_or_default();
                core.0.changes.touch(position.seq, &change.touches, gone(&change));
                last = Some(position.seq);
                *at = Some(position);
            }
            None => {}
        }
        if let Some(as_of) = at.and_then(|position| ahead.reached(position.seq)) {
            core.0.changes.is_complete(as_of);
        }
    }
}

/// How far the log had come, until all of that has been heard: what is said while one catches up is not yet what is known.
#[derive(Default)]
struct Ahead(Option<(i64, Instant)>);

impl Ahead {
    /// Everything that was committed until so many milliseconds ago is in the log up to `head`.
    fn note(&mut self, head: i64, age_ms: u32) {
        let age = Duration::from_millis(age_ms.into());
        let as_of = Instant::now().checked_sub(age);
        self.0 = self.0.or(as_of.map(|as_of| (head, as_of)));
    }

    /// As of when everything is known, where everything up to there has been heard.
    fn reached(&mut self, seq: i64) -> Option<Instant> {
        let (_, as_of) = self.0.take_if(|(head, _)| *head <= seq)?;
        Some(as_of)
    }
}

/// Whatever takes longer than the core may be silent breaks off.
async fn within<T>(next: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    let silent = |_| Status::deadline_exceeded("the core is silent");
    tokio::time::timeout(SILENCE, next).await.map_err(silent)?
}

/// The key of what was taken away, which is the first that it touches.
fn gone(change: &Change) -> Option<u64> {
    let deleted = change.operation() == Operation::Deleted;
    change.touches.first().copied().filter(|_| deleted)
}

fn place(position: &Position) -> Place {
    Place {
        epoch: position.epoch,
        seq: position.seq,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_on_the_way_is_known_once_the_end_is_reached() {
        let mut ahead = Ahead::default();
        ahead.note(7, 500);
        let said = Instant::now();
        ahead.note(9, 0);
        assert_eq!(ahead.reached(6), None);
        let as_of = ahead.reached(8).expect("all that there was at first");
        assert!(said.duration_since(as_of) >= Duration::from_millis(500));
        assert_eq!(ahead.reached(8), None, "nothing has been said since");
    }
}

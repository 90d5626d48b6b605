//! The log of changes of the fake core, for tests in which clients come, go and come back: what a test writes into it
//! is told to whoever follows and may know of it, from where they left off.

use std::{any::TypeId, collections::HashMap, pin::Pin, time::Duration};

use proto::changes::v1::{Change, Position, SubscribeRequest, SubscribeResponse, subscribe_response::Event};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_stream::Stream;
use tonic::{Request, Status};

use super::{Call, FakeCore, Memory, Subscribe};
use crate::status;

/// How often whoever follows hears something.
const HEARTBEAT: Duration = Duration::from_millis(100);

/// What was written, and what became of those who were told of it.
#[derive(Debug, Default)]
pub(super) struct Log {
    is_kept: bool,
    changes: Vec<Written>,
    /// What comes in `authorization` of those whose sessions have ended.
    ended: Vec<String>,
    /// Up to which change each of those who follow has been told, by the same.
    told: HashMap<String, i64>,
    news: watch::Sender<()>,
}

/// Something that was written.
#[derive(Clone, Debug)]
struct Written {
    change: Change,
    /// Who is told: whoever comes with this in `authorization`, or everybody.
    bearer: Option<String>,
}

impl FakeCore {
    /// From now on there is a log to follow; the history is that of this number.
    pub fn begins_history(&self, epoch: u64) {
        let mut history = self.memory.history();
        (history.epoch, history.seq) = (epoch, 0);
        history.log.is_kept = true;
        history.log.changes.clear();
        history.log.news.send_replace(());
    }

    /// Writes something that everybody may know of; its position is filled in.
    pub fn writes(&self, change: Change) {
        self.write(change, None);
    }

    /// Writes something that nobody may know of but the bearer of this token.
    pub fn writes_for(&self, token: &str, change: Change) {
        self.write(change, Some(bearer(token)));
    }

    /// Ends the session of this token: nobody follows in its name any more.
    pub fn ends_session(&self, token: &str) {
        let mut history = self.memory.history();
        history.log.ended.push(bearer(token));
        history.log.news.send_replace(());
    }

    /// Up to which change the bearer of this token has been told.
    pub fn told_to(&self, token: &str) -> i64 {
        let told = self.memory.history().log.told.get(&bearer(token)).copied();
        told.unwrap_or_default()
    }

    fn write(&self, change: Change, bearer: Option<String>) {
        let mut history = self.memory.history();
        history.seq += 1;
        let position = Some(place(history.epoch, history.seq));
        let change = Change { position, ..change };
        history.log.changes.push(Written { change, bearer });
        history.log.news.send_replace(());
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// A place in a history. The tag of a place is the same whenever it is asked for.
fn place(epoch: u64, seq: i64) -> Position {
    let tag = if seq == 0 { 0 } else { epoch ^ seq.unsigned_abs() };
    Position { epoch, seq, tag }
}

/// Somebody who follows.
struct Follower {
    memory: Memory,
    bearer: String,
    at: Position,
    previous_seq: i64,
    greeting: Option<Event>,
    news: watch::Receiver<()>,
    beats_at: Instant,
}

/// What whoever follows is told.
pub(super) type Followed = Pin<Box<dyn Stream<Item = Result<SubscribeResponse, Status>> + Send>>;

impl Memory {
    /// Follows the log in the name of whoever asks; nothing where none is kept.
    pub(super) fn follow(&self, request: &Request<SubscribeRequest>) -> Option<Result<Followed, Status>> {
        let call = Call {
            metadata: request.metadata().clone(),
            message: *request.get_ref(),
        };
        let bearer = call.header("authorization").to_owned();
        let history = self.history();
        if !history.log.is_kept {
            return None;
        }
        self.calls().push(Box::new((TypeId::of::<Subscribe>(), call)));
        if history.log.ended.contains(&bearer) {
            return Some(Err(status::unauthenticated("TOKEN_INVALID")));
        }
        let end = place(history.epoch, history.seq);
        let after = request.get_ref().after;
        let known = after.filter(|at| at.seq <= end.seq && *at == place(end.epoch, at.seq));
        let at = known.unwrap_or(end);
        let follower = Follower {
            memory: self.clone(),
            bearer,
            at,
            previous_seq: at.seq,
            greeting: Some(known.map_or(Event::Resync(end), Event::Heartbeat)),
            news: history.log.news.subscribe(),
            beats_at: Instant::now() + HEARTBEAT,
        };
        let told = futures_util::stream::unfold(follower, |mut follower| async move {
            let event = follower.next().await;
            let told = event.map(|event| SubscribeResponse {
                event: Some(event),
                head: follower.memory.history().seq,
                head_age_ms: 0,
            });
            Some((told, follower))
        });
        Some(Ok(Box::pin(told)))
    }
}

impl Follower {
    async fn next(&mut self) -> Result<Event, Status> {
        loop {
            if let Some(greeting) = self.greeting.take() {
                return Ok(greeting);
            }
            if let Some(event) = self.look()? {
                self.beats_at = Instant::now() + HEARTBEAT;
                return Ok(event);
            }
            tokio::select! {
                _ = self.news.changed() => {}
                () = sleep_until(self.beats_at) => {
                    self.beats_at = Instant::now() + HEARTBEAT;
                    return Ok(Event::Heartbeat(self.at));
                }
            }
        }
    }

    fn look(&mut self) -> Result<Option<Event>, Status> {
        self.news.borrow_and_update();
        let mut history = self.memory.history();
        if history.log.ended.contains(&self.bearer) {
            return Err(status::unauthenticated("TOKEN_INVALID"));
        }
        if history.epoch != self.at.epoch {
            self.at = place(history.epoch, history.seq);
            self.previous_seq = self.at.seq;
            return Ok(Some(Event::Resync(self.at)));
        }
        let passed = usize::try_from(self.at.seq).unwrap_or_default();
        let Log { changes, told, .. } = &mut history.log;
        for written in changes.iter().skip(passed) {
            self.at = written.change.position.unwrap_or_default();
            if written
                .bearer
                .as_ref()
                .is_none_or(|bearer| *bearer == self.bearer)
            {
                told.insert(self.bearer.clone(), self.at.seq);
                let previous_seq = std::mem::replace(&mut self.previous_seq, self.at.seq);
                let change = written.change.clone();
                return Ok(Some(Event::Change(Change {
                    previous_seq,
                    ..change
                })));
            }
        }
        Ok(None)
    }
}

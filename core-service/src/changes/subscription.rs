//! One who follows the feed. It takes the next change when it is asked for it, so one who is slow costs the same memory as
//! one who is not, and keeps nobody waiting.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::ring::Found;
use super::{Feed, Head};
use crate::error::{Error, Result, Unauthenticated};
use crate::models::change::{ChangeRow, Position, Reader};

/// How many changes are taken from memory at a time.
const TAKE: usize = 64;
/// How many changes are read from the database at a time, by one who has to catch up.
const READ: u32 = 1_000;
/// How often one hears something, even if nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What one hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something was written.
    Change {
        /// What.
        change: Arc<ChangeRow>,
        /// The number of the change that one heard of before, or where one began.
        previous_seq: i64,
    },
    /// Up to here there is nothing more that one is told.
    Heartbeat(Position),
    /// The log does not go on where one left it; it goes on here.
    Resync(Position),
}

/// One who follows the feed.
#[derive(Debug)]
pub struct Subscription {
    feed: Feed,
    reader: Reader,
    session_id: Option<i64>,
    heads: watch::Receiver<Head>,
    /// Which of the histories that the ring has seen this is about.
    history: u64,
    /// Up to where the log was looked through.
    place: Position,
    previous_seq: i64,
    /// Still to be looked through.
    waiting: VecDeque<Arc<ChangeRow>>,
    /// Where the page ends that `waiting` is from, which may be further than the last change of it.
    page_end: Option<Position>,
    /// Whether the next changes are to be had from the database only.
    is_catching_up: bool,
    /// What is to be said first.
    greeting: Option<Event>,
    beats_at: Instant,
}

impl Feed {
    /// Follows the log from a place on. Ends with the session, where one is named.
    pub async fn subscribe(
        &self,
        after: Option<Position>,
        reader: Reader,
        session_id: Option<i64>,
    ) -> Result<Subscription> {
        let (end, history, known) = {
            let ring = self.ring();
            (
                ring.end(),
                ring.history(),
                after.is_some_and(|place| ring.knows(place)),
            )
        };
        if end.epoch == 0 {
            return Err(Error::Busy("the log of changes is not known yet".into()));
        }
        let mut subscription = Subscription {
            feed: self.clone(),
            reader,
            session_id,
            heads: self.0.head.subscribe(),
            history,
            place: end,
            previous_seq: end.seq,
            waiting: VecDeque::new(),
            page_end: None,
            is_catching_up: false,
            greeting: Some(Event::Resync(end)),
            beats_at: Instant::now() + HEARTBEAT,
        };
        if let Some(place) = after
            && (known || subscription.catch_up(place).await?)
        {
            subscription.place = place;
            subscription.previous_seq = place.seq;
            subscription.greeting = Some(Event::Heartbeat(place));
        }
        Ok(subscription)
    }
}

impl Subscription {
    /// What comes next, as soon as it does.
    ///
    /// [`Error::TooSlow`] where it has gone from memory already, [`Error::Unauthenticated`] where the session has ended.
    pub async fn next(&mut self) -> Result<Event> {
        if let Some(greeting) = self.greeting.take() {
            return Ok(greeting);
        }
        loop {
            if self.session_id.is_some_and(|id| self.feed.ring().has_ended(id)) {
                return Err(Error::Unauthenticated(Unauthenticated::TokenInvalid));
            }
            if let Some(change) = self.next_waiting() {
                let previous_seq = std::mem::replace(&mut self.previous_seq, change.position.seq);
                self.beats_at = Instant::now() + HEARTBEAT;
                return Ok(Event::Change { change, previous_seq });
            }
            if self.beats_at <= Instant::now() {
                self.beats_at = Instant::now() + HEARTBEAT;
                return Ok(Event::Heartbeat(self.place));
            }
            if self.is_catching_up {
                if self.catch_up(self.place).await? {
                    continue;
                }
                return Ok(self.start_over());
            }
            self.heads.borrow_and_update();
            let (history, found) = {
                let ring = self.feed.ring();
                (ring.history(), ring.after(self.place, TAKE))
            };
            match found {
                _ if history != self.history => return Ok(self.start_over()),
                Found::Elsewhere => return Ok(self.start_over()),
                Found::Behind => return Err(Error::TooSlow),
                Found::Next(changes) if !changes.is_empty() => self.waiting = changes.into(),
                Found::Next(_) => self.wait().await?,
            }
        }
    }

    /// The next change that is still to be looked through and that one is told.
    fn next_waiting(&mut self) -> Option<Arc<ChangeRow>> {
        while let Some(change) = self.waiting.pop_front() {
            self.place = change.position;
            if change.is_for(self.reader) {
                return Some(change);
            }
        }
        self.place = self.page_end.take().unwrap_or(self.place);
        None
    }

    /// Reads what comes after a place from the database. Whether the log goes on there.
    async fn catch_up(&mut self, place: Position) -> Result<bool> {
        let Some(page) = self.feed.page(place, self.reader, READ).await? else {
            return Ok(false);
        };
        self.waiting = page.changes.into_iter().map(Arc::new).collect();
        self.page_end = Some(page.end);
        self.is_catching_up = page.more;
        Ok(true)
    }

    /// Goes on at the end of the log as it is now.
    fn start_over(&mut self) -> Event {
        let ring = self.feed.ring();
        self.history = ring.history();
        self.place = ring.end();
        self.previous_seq = self.place.seq;
        self.is_catching_up = false;
        self.waiting.clear();
        self.page_end = None;
        Event::Resync(self.place)
    }

    /// Waits for something new, for a moment to say something anyway, or for the end.
    async fn wait(&mut self) -> Result<()> {
        tokio::select! {
            _ = self.heads.changed() => Ok(()),
            () = tokio::time::sleep_until(self.beats_at) => Ok(()),
            () = self.feed.0.stopped.cancelled() => Err(Error::Busy("the core stops".into())),
        }
    }
}

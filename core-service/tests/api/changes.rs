//! The feed of changes: who is told what, in which order, and how it goes on after an interruption.

mod followers;
mod restores;
mod scenes;
mod writes;

use std::time::Duration;

use proto::changes::v1::subscribe_response::Event;
use proto::changes::v1::{
    Change, Kind, ListChangesRequest, ListChangesResponse, Operation, Position, SubscribeRequest,
    SubscribeResponse,
};
use tonic::{Status, Streaming};

use crate::app::{Actor, App};

/// Nothing that these tests wait for takes longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who follows the feed.
pub struct Follower(Streaming<SubscribeResponse>);

impl Follower {
    /// From the end of the log on, once all that was written is in it.
    pub async fn now(app: &App, who: &Actor) -> Self {
        settled(app).await;
        let mut follower = Self::after(app, who, None).await;
        assert!(matches!(follower.next().await, Ok(Event::Resync(_))));
        follower
    }

    /// From a place on.
    pub async fn after(app: &App, who: &Actor, after: Option<Position>) -> Self {
        let request = who.asks(SubscribeRequest { after });
        Self(app.changes().subscribe(request).await.unwrap().into_inner())
    }

    /// What comes next, whatever it is.
    pub async fn next(&mut self) -> Result<Event, Status> {
        let next = tokio::time::timeout(PATIENCE, self.0.message()).await;
        let message = next.expect("something comes every second")?;
        Ok(message.expect("it does not end by itself").event.unwrap())
    }

    /// The next change.
    pub async fn change(&mut self) -> Change {
        loop {
            match self.next().await.unwrap() {
                Event::Change(change) => return change,
                Event::Heartbeat(_) => {}
                Event::Resync(place) => panic!("nothing happened to the log, but it goes on at {place:?}"),
            }
        }
    }

    /// How it ends.
    pub async fn end(&mut self) -> Status {
        loop {
            if let Err(status) = self.next().await {
                return status;
            }
        }
    }
}

/// Waits until all that was written is in the log.
pub async fn settled(app: &App) {
    let all = async { while app.services.feed.settle().await.is_none() {} };
    let in_time = tokio::time::timeout(PATIENCE, all).await;
    in_time.expect("the feed is followed");
}

/// A page of what somebody is told.
pub async fn page(app: &App, who: &Actor, after: Option<Position>, page_size: i32) -> ListChangesResponse {
    let request = who.asks(ListChangesRequest { after, page_size });
    app.changes().list_changes(request).await.unwrap().into_inner()
}

/// Where the log ends, once all that was written is in it.
pub async fn end(app: &App) -> Position {
    settled(app).await;
    page(app, &Actor::guest(), None, 0).await.next.unwrap()
}

/// Everything that somebody is told after a place, once what was written is in the log.
pub async fn told(app: &App, who: &Actor, after: Position) -> Vec<Change> {
    settled(app).await;
    let mut changes = Vec::new();
    let mut place = after;
    loop {
        let page = page(app, who, Some(place), 0).await;
        assert!(!page.resync, "the log goes on at {place:?}");
        changes.extend(page.changes);
        place = page.next.unwrap();
        if !page.more {
            return changes;
        }
    }
}

/// A change in short.
pub fn short(change: &Change) -> (Kind, i64, Operation) {
    (change.kind(), change.id, change.operation())
}

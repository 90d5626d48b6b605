//! `triptych.changes.v1.ChangeService`.

use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use proto::changes::v1 as contract;
use proto::changes::v1::change_service_server::ChangeService;
use proto::changes::v1::subscribe_response::Event as Told;
use proto::changes::v1::{
    Change, ListChangesRequest, ListChangesResponse, SubscribeRequest, SubscribeResponse,
};
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::timestamp;
use crate::changes::{Event, Feed, Subscription};
use crate::error::{Error, Result, Unauthenticated};
use crate::models::change::{ChangeRow, Kind, Operation, Position, Reader, touches};
use crate::models::session::Client;
use crate::services::Services;
use crate::services::caller::{Caller, Role};
use crate::services::sessions::Sessions;
use crate::validators::page;

/// How often the session of somebody who follows the feed is looked up again: it may end without a word, by its age.
const CHECK_EVERY: Duration = Duration::from_secs(30);

/// The feed of changes.
pub(super) struct ChangeController(pub(super) Services);

#[tonic::async_trait]
impl ChangeService for ChangeController {
    type SubscribeStream = BoxStream<'static, std::result::Result<SubscribeResponse, Status>>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> std::result::Result<Response<Self::SubscribeStream>, Status> {
        let allowed = Allowed::of(&request)?;
        let after = request.into_inner().after.map(Position::from);
        let session_id = allowed.caller.map(|caller| caller.session_id);
        let feed = self.0.feed.clone();
        let follower = Follower {
            subscription: feed.subscribe(after, reader(allowed), session_id).await?,
            feed,
            caller: allowed.caller,
            gateway: allowed.gateway,
            sessions: self.0.sessions.clone(),
            check_at: Instant::now() + CHECK_EVERY,
        };
        let told = stream::try_unfold(follower, |mut follower| async move {
            let event = follower.next().await.map_err(Status::from)?;
            Ok::<_, Status>(Some((event, follower)))
        });
        Ok(Response::new(told.boxed()))
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> std::result::Result<Response<ListChangesResponse>, Status> {
        let allowed = Allowed::of(&request)?;
        let ListChangesRequest { after, page_size } = request.into_inner();
        let size = page::size_up_to(page_size, 100, 1_000)?;
        let page = match after.map(Position::from) {
            Some(after) => (after, self.0.feed.page(after, reader(allowed), size).await?),
            None => (Position::default(), None),
        };
        let (after, Some(page)) = page else {
            return Ok(Response::new(ListChangesResponse {
                next: Some(self.0.feed.end().await?.into()),
                resync: true,
                ..ListChangesResponse::default()
            }));
        };
        let mut previous_seq = after.seq;
        let changes = page.changes.iter().map(|row| {
            let previous_seq = std::mem::replace(&mut previous_seq, row.position.seq);
            change(row, previous_seq)
        });
        Ok(Response::new(ListChangesResponse {
            changes: changes.collect(),
            next: Some(page.end.into()),
            more: page.more,
            resync: false,
        }))
    }
}

/// What a caller is told: everything that is public, what is their own, and at the desk, which is for the staff, what is
/// the staff's.
fn reader(allowed: Allowed) -> Reader {
    let is_at_the_desk = allowed.gateway == Client::Desktop;
    Reader {
        user_id: allowed.caller.map(|caller| caller.user_id),
        is_staff: is_at_the_desk && allowed.caller.is_some_and(|caller| caller.role >= Role::Staff),
    }
}

/// Somebody who follows the feed.
struct Follower {
    feed: Feed,
    subscription: Subscription,
    caller: Option<Caller>,
    gateway: Client,
    sessions: Sessions,
    check_at: Instant,
}

impl Follower {
    async fn next(&mut self) -> Result<SubscribeResponse> {
        // Something is heard every second, so this is passed as often.
        if let Some(caller) = self.caller
            && self.check_at <= Instant::now()
        {
            if !self.sessions.is_alive(caller.session_id, self.gateway).await? {
                return Err(Error::Unauthenticated(Unauthenticated::TokenInvalid));
            }
            self.check_at = Instant::now() + CHECK_EVERY;
        }
        let told = match self.subscription.next().await? {
            Event::Change {
                change: row,
                previous_seq,
            } => Told::Change(change(&row, previous_seq)),
            Event::Heartbeat(place) => Told::Heartbeat(place.into()),
            Event::Resync(place) => Told::Resync(place.into()),
        };
        // The age first, so that the head can only be a newer one.
        let age_ms = self.feed.age().as_millis();
        Ok(SubscribeResponse {
            event: Some(told),
            head: self.feed.head().seq,
            head_age_ms: u32::try_from(age_ms).unwrap_or(u32::MAX),
        })
    }
}

fn change(row: &ChangeRow, previous_seq: i64) -> Change {
    let kind = match row.kind {
        Kind::Book => contract::Kind::Book,
        Kind::Post => contract::Kind::Post,
        Kind::Comment => contract::Kind::Comment,
        Kind::User => contract::Kind::User,
        Kind::Order => contract::Kind::Order,
        Kind::Like => contract::Kind::Like,
        Kind::Follow => contract::Kind::Follow,
        Kind::Account => contract::Kind::Account,
        Kind::Session => contract::Kind::Session,
    };
    let operation = match row.operation {
        Operation::Created => contract::Operation::Created,
        Operation::Updated => contract::Operation::Updated,
        Operation::Deleted => contract::Operation::Deleted,
        Operation::Counted => contract::Operation::Counted,
    };
    Change {
        position: Some(row.position.into()),
        previous_seq,
        kind: kind.into(),
        id: row.entity_id,
        operation: operation.into(),
        name: row.name.clone().unwrap_or_default(),
        parent_id: row.parent_id,
        at: Some(timestamp(row.at)),
        touches: touches(row.kind, row.entity_id, row.operation, row.parent_id),
    }
}

impl From<contract::Position> for Position {
    fn from(place: contract::Position) -> Self {
        Self {
            epoch: place.epoch.cast_signed(),
            seq: place.seq,
            tag: place.tag.cast_signed(),
        }
    }
}

impl From<Position> for contract::Position {
    fn from(place: Position) -> Self {
        Self {
            epoch: place.epoch.cast_unsigned(),
            seq: place.seq,
            tag: place.tag.cast_unsigned(),
        }
    }
}

//! `GET /api/events`: what is written, as it is written, so that a page can show it without asking again and again.
//!
//! A guest is told of what is public; somebody who is signed in also of what is their own. An event says what has
//! changed and not what it has become: the page asks for that, and gets what it may see. See docs/live.md.

use axum::{extract::State, response::Response};
use bff_kit::{
    ApiResult, Timestamp,
    events::{GoOn, Listener, LiveEvent},
};
use proto::changes::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(events))
}

/// Follow what is written.
///
/// Server-sent events. `change` has a Change; `resync` says that the log does not go on where the client left it, so that
/// whatever it has is to be loaded anew. Each event has an id to go on from; an event with nothing but an id says that
/// nothing was missed up to there. The stream ends with the session.
#[utoipa::path(
    get, path = "/api/events", operation_id = "followChanges", tag = "live", security((), ("token" = [])),
    params(GoOn, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that the client has; browsers send it by themselves")),
    extensions(("x-problems" = json!(["TOO_MANY_STREAMS"]))),
    responses((
        status = 200, content_type = "text/event-stream", body = LiveEvent<Change>,
        description = "Events, for as long as the client stays",
    ))
)]
async fn events(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    listener: Listener,
) -> ApiResult<Response> {
    let following = core.changes(viewer.as_deref(), listener).await?;
    Ok(following.events(Change::told))
}

/// Something that was written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Change {
    kind: Kind,
    /// Its number.
    id: i64,
    /// Its name in addresses, if it has one: the slug of a post, the name of a user.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    name: String,
    operation: Operation,
    /// The number of what it belongs to: the post of a comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parent_id: Option<i64>,
    at: Timestamp,
}

/// What has changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Book,
    Post,
    /// Its parent is the post.
    Comment,
    /// A profile.
    User,
    /// One of one's own orders.
    Order,
    /// A like of one's own; the number and the name are those of the post.
    Like,
    /// Whom one follows; the number is that of the other.
    Follow,
    /// One's own account.
    Account,
    /// One of one's own sessions, which has ended.
    Session,
}

/// What happened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Operation {
    Created,
    Updated,
    Deleted,
    /// No more than its numbers are others: likes, comments, stock.
    Counted,
}

impl Change {
    /// Nothing where it is something that this gateway does not know.
    fn told(change: message::Change) -> Option<Self> {
        let kind = match change.kind() {
            message::Kind::Unspecified => return None,
            message::Kind::Book => Kind::Book,
            message::Kind::Post => Kind::Post,
            message::Kind::Comment => Kind::Comment,
            message::Kind::User => Kind::User,
            message::Kind::Order => Kind::Order,
            message::Kind::Like => Kind::Like,
            message::Kind::Follow => Kind::Follow,
            message::Kind::Account => Kind::Account,
            message::Kind::Session => Kind::Session,
        };
        let operation = match change.operation() {
            message::Operation::Unspecified => return None,
            message::Operation::Created => Operation::Created,
            message::Operation::Updated => Operation::Updated,
            message::Operation::Deleted => Operation::Deleted,
            message::Operation::Counted => Operation::Counted,
        };
        Some(Self {
            kind,
            id: change.id,
            name: change.name,
            operation,
            parent_id: change.parent_id,
            at: change.at.into(),
        })
    }
}

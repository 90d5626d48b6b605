//! `GET /v1/sync`: the copy of the shop that a desk works with while it has no network: all of it at first, then what has
//! changed.
//!
//! All of it is a stream of lines that ends with the cursor to go on from. The cursor was taken before the first line, so
//! that whatever changes meanwhile comes with the changes. A client that was cut off goes on at the last `resume` that it
//! has. See docs/live.md.

mod changes;
mod snapshot;

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use bff_kit::{
    ApiError, ApiResult, Query,
    error::{Violation, ViolationKind},
    events::Bookmark,
    page::First,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{BookRow, OrderRow, PostToCheck},
    session::Staff,
    settings::FileSettings,
};
use changes::Changes;
use snapshot::{Place, Resume, Snapshot};

pub(super) fn routes(settings: FileSettings) -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(sync))
        .layer(Extension(settings))
}

/// The whole shop, or what has changed since.
///
/// Without `since` all books, orders and posts, a JSON object on each line; the last line is the `cursor` to go on from.
/// With `since` a page of what has changed. `SYNC_TOO_OLD` says that nobody knows any more what has changed: start over
/// without `since`.
#[utoipa::path(
    get, path = "/v1/sync", operation_id = "sync", tag = "live", security(("token" = ["staff"])), params(Wanted),
    extensions(("x-problems" = json!(["SYNC_TOO_OLD"]))),
    responses((
        status = 200, description = "The shop, whole where the last line is a cursor; or what has changed",
        content((Line = "application/x-ndjson"), (Changes = "application/json")),
    ))
)]
async fn sync(
    State(core): State<Core>,
    Extension(settings): Extension<FileSettings>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Response> {
    let place = match (wanted.since, wanted.resume) {
        (Some(since), None) => {
            let first = First::or(wanted.first, 100);
            let changes = Changes::since(&core, &staff.viewer, since, first).await?;
            return Ok(Json(changes).into_response());
        }
        (Some(_), Some(_)) => {
            let both = Violation::new("resume", ViolationKind::Rule, "goes without `since`");
            return Err(ApiError::Invalid(vec![both]));
        }
        (None, Some(Resume(place))) => place,
        (None, None) => {
            let end = core.changes_since(&staff.viewer, None, 1).await?.next;
            Place::first(end.unwrap_or_default().into())
        }
    };
    Snapshot::new(core, staff.viewer, place, settings.longest.get())
        .response()
        .await
}

/// From where on, and how much.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `cursor` of the answer before; without it one gets everything.
    #[param(inline)]
    since: Option<Bookmark>,
    /// How many changes to go through at most, with `since`; 100 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// The last `resume` of a stream that was cut off: only what comes after it.
    #[param(inline)]
    resume: Option<Resume>,
}

/// One line: one of these.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Line {
    Book(BookRow),
    Order(OrderRow),
    Post(PostToCheck),
    /// Where to go on if the stream is cut off behind this line.
    Resume(Resume),
    /// The end: what to send as `since` from now on.
    Cursor(Bookmark),
}

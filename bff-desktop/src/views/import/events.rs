//! What a client is told while its file is taken.

use std::convert::Infallible;

use axum::response::sse::Event;
use bff_kit::{ApiError, ApiResult, edge::CallContext, error::Problem};
use futures_util::{Stream, stream};
use proto::books::v1::{self as message, ImportBooksResponse, import_books_response::Event as Told};
use serde::Serialize;
use tokio::time::Instant;
use tonic::Streaming;
use utoipa::ToSchema;

use super::sending::Sending;
use crate::{core::Core, parts::within};

/// An event: its name, and its data as JSON.
#[derive(Serialize, ToSchema)]
#[serde(tag = "event", content = "data", rename_all = "camelCase")]
pub(super) enum ImportEvent {
    /// Some more rows are taken.
    Progress(Progress),
    /// A row was not taken. The first thousand of these and of the next are told.
    Refused(Finding),
    /// A value was left out; its row was taken.
    LeftOut(Finding),
    /// The whole file has been read.
    Done(Progress),
    /// It does not go on; what was taken stays.
    Failed(Problem),
}

/// How many rows came to what, since the request began.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Progress {
    rows: i64,
    /// Books that are new.
    added: i64,
    /// Books that were there and are different now.
    changed: i64,
    /// Books that were there just so.
    unchanged: i64,
    /// Rows that were not taken.
    refused: i64,
    /// Single values that were left out; their rows were taken.
    left_out: i64,
    /// Where to go on if this is the last that is heard.
    resume_from: Place,
}

/// A place between two rows of the whole file.
#[derive(Serialize, ToSchema)]
struct Place {
    /// For `afterLines`.
    lines: i64,
    /// For `afterBytes`.
    bytes: i64,
}

/// Something that is wrong with a row.
#[derive(Serialize, ToSchema)]
pub(super) struct Finding {
    /// Where the row begins, from 1.
    row: i64,
    /// The file's column; empty where it is the row as a whole.
    column: String,
    /// The beginning of what stood there.
    value: String,
    /// What is wrong, to be read after the column's name.
    reason: String,
}

/// Tells what the core makes of a file.
pub(super) struct Telling {
    told: Streaming<ImportBooksResponse>,
    core: Core,
    sending: Sending,
    ends_at: Instant,
}

/// How far the telling is.
enum Stage {
    Going(Box<Telling>),
    Failed(Sending),
    Over,
}

impl Telling {
    pub(super) fn new(
        told: Streaming<ImportBooksResponse>,
        core: Core,
        sending: Sending,
        ends_at: Instant,
    ) -> Self {
        Self {
            told,
            core,
            sending,
            ends_at,
        }
    }

    /// The events, each when the client is ready for it.
    pub(super) fn events(self) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
        let context = CallContext::current();
        stream::unfold(Stage::Going(Box::new(self)), move |stage| {
            let context = context.clone();
            async move {
                match context {
                    Some(context) => context.scope(stage.next()).await,
                    None => stage.next().await,
                }
            }
        })
    }

    async fn next(&mut self) -> ApiResult<ImportEvent> {
        let next = within(self.ends_at, self.told.message()).await;
        // Whatever it is that comes, rows may have been taken before.
        self.core.has_imported();
        let next = next??;
        next.and_then(ImportEvent::of).ok_or_else(|| ApiError::Internal {
            cause: "the core stopped without a word".to_owned(),
        })
    }
}

impl Stage {
    async fn next(self) -> Option<(Result<Event, Infallible>, Self)> {
        match self {
            Self::Going(mut telling) => match telling.next().await {
                Ok(event @ ImportEvent::Done(_)) => Some((Ok(event.written()), Self::Over)),
                Ok(event) => Some((Ok(event.written()), Self::Going(telling))),
                Err(error) => {
                    let (error, after) = telling.sending.reason_of(error).await;
                    error.log();
                    let event = ImportEvent::Failed(Problem::from(&error));
                    Some((Ok(event.written()), after.map_or(Self::Over, Self::Failed)))
                }
            },
            Self::Failed(sending) => {
                sending.drain().await;
                None
            }
            Self::Over => None,
        }
    }
}

impl ImportEvent {
    fn of(told: ImportBooksResponse) -> Option<Self> {
        Some(match told.event? {
            Told::Progress(progress) => Self::Progress(progress.into()),
            Told::Done(progress) => Self::Done(progress.into()),
            Told::Finding(finding) if finding.refused => Self::Refused(finding.into()),
            Told::Finding(finding) => Self::LeftOut(finding.into()),
        })
    }

    fn written(&self) -> Event {
        let event = |name| Event::default().event(name);
        let written = match self {
            Self::Progress(data) => event("progress").json_data(data),
            Self::Refused(data) => event("refused").json_data(data),
            Self::LeftOut(data) => event("leftOut").json_data(data),
            Self::Done(data) => event("done").json_data(data),
            Self::Failed(data) => event("failed").json_data(data),
        };
        written.expect("texts and numbers are JSON")
    }
}

impl From<message::ImportProgress> for Progress {
    fn from(progress: message::ImportProgress) -> Self {
        let place = progress.place.unwrap_or_default();
        Self {
            rows: progress.rows,
            added: progress.added,
            changed: progress.changed,
            unchanged: progress.unchanged,
            refused: progress.refused,
            left_out: progress.left_out,
            resume_from: Place {
                lines: place.lines,
                bytes: place.bytes,
            },
        }
    }
}

impl From<message::ImportFinding> for Finding {
    fn from(finding: message::ImportFinding) -> Self {
        Self {
            row: finding.line,
            column: finding.column,
            value: finding.value,
            reason: finding.reason,
        }
    }
}

//! `POST /v1/books/import`: takes the books of a file into the catalogue while it comes, and tells what
//! becomes of them.
//!
//! The answer is a stream of events and begins before the file has ended. A few hundred rows at a time are
//! there or are not; what an event calls taken stays, whatever becomes of the request. A client that was cut
//! off goes on at the place of the last `progress`, or sends the whole file again, which changes nothing.

mod events;
mod sending;

use axum::{
    Extension,
    extract::State,
    http::header,
    response::{
        IntoResponse,
        sse::{KeepAlive, Sse},
    },
};
use bff_kit::{ApiError, ApiResult, Query, Upload, input::UploadLimits};
use proto::books::v1 as message;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, session::Staff, settings::FileSettings};
use events::{ImportEvent, Telling};
use sending::Sending;

pub(super) fn routes(settings: FileSettings) -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(import))
        .layer(Extension(settings))
}

/// A line of a file with a JSON object for each book.
const LINE: &str = concat!(
    r#"{"isbn13":"9780441478125","title":"The Left Hand of Darkness","authors":["Ursula K. Le Guin"],"#,
    r#""published_year":1969,"language":"en","price_cents":1199,"currency":"EUR","stock":5}"#,
    "\n"
);

/// Take the books of a file.
#[utoipa::path(
    post, path = "/v1/books/import", operation_id = "importBooks", tag = "books", security(("token" = ["staff"])),
    params(Wanted), request_body(content((String = "text/csv"), (String = "application/x-ndjson", example = json!(LINE)))),
    responses((
        status = 200, content_type = "text/event-stream", body = ImportEvent,
        description = "Server-sent events, told while the file is read; `done` or `failed` is the last one",
    ))
)]
async fn import(
    State(core): State<Core>,
    Extension(settings): Extension<FileSettings>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
    upload: Upload,
) -> ApiResult<impl IntoResponse> {
    let format = match upload.media_type() {
        "text/csv" => message::BookFileFormat::Csv,
        "application/x-ndjson" | "application/ndjson" => message::BookFileFormat::Ndjson,
        _ => return Err(ApiError::UnsupportedMediaType),
    };
    let file = upload.open(UploadLimits {
        max_bytes: settings.max_import_bytes,
        idle: settings.idle.get(),
    })?;
    let ends_at = Instant::now() + settings.longest.get();
    let (sending, parts) = Sending::begin(wanted.start(format), file);
    match core.import_books(&staff.viewer, parts).await {
        Ok(told) => {
            let events = Telling::new(told, core, sending, ends_at).events();
            let events = Sse::new(events).keep_alive(KeepAlive::default());
            Ok(([(header::CACHE_CONTROL, "no-store")], events))
        }
        Err(error) => {
            let (error, sending) = sending.reason_of(error.rename_fields(wanted_name)).await;
            if let Some(sending) = sending {
                sending.drain().await;
            }
            Err(error)
        }
    }
}

fn wanted_name(field: &str) -> String {
    field.replace("resumeFrom", "afterBytes")
}

/// How to read the file.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Which column feeds which field: `triptych`, what the export writes, where it is not said; or
    /// `goodbooks`.
    #[param(example = "goodbooks")]
    map: Option<String>,
    /// Say what would happen, and write nothing.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
    /// `resumeFrom.lines` of an import that was cut off. The body is then the header, if the format has one,
    /// and the file from `afterBytes` on.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    after_lines: Option<i64>,
    /// `resumeFrom.bytes` of an import that was cut off.
    #[param(minimum = 0)]
    #[schema(minimum = 0)]
    after_bytes: Option<i64>,
}

impl Wanted {
    fn start(self, format: message::BookFileFormat) -> message::ImportBooksStart {
        let resumed = self.after_lines.is_some() || self.after_bytes.is_some();
        message::ImportBooksStart {
            format: format.into(),
            map: self.map.unwrap_or_default(),
            dry_run: self.dry_run,
            resume_from: resumed.then(|| message::BookFilePlace {
                lines: self.after_lines.unwrap_or_default(),
                bytes: self.after_bytes.unwrap_or_default(),
            }),
        }
    }
}

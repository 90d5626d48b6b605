//! `GET /v1/books/export`: all books as a file, which `POST /v1/books/import` takes.
//!
//! The books come in the order of their numbers, and each row begins with its book's number. A client that
//! was cut off asks for the rest with the number of the last whole row that it has.

use std::io;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::IntoResponse,
};
use bff_kit::{ApiResult, Query};
use futures_util::stream;
use proto::books::v1 as message;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::within, session::Staff, settings::FileSettings};

pub(super) fn routes(settings: FileSettings) -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(export))
        .layer(Extension(settings))
}

/// A line of the file with a JSON object for each book.
const LINE: &str = concat!(
    r#"{"isbn13":"9780679783268","title":"Pride and Prejudice","authors":["Jane Austen"],"published_year":1813,"#,
    r#""language":"en","price_cents":899,"currency":"EUR","stock":24}"#,
    "\n"
);

/// All books as a file.
#[utoipa::path(
    get, path = "/v1/books/export", operation_id = "exportBooks", tag = "books", security(("token" = ["staff"])),
    params(Wanted),
    responses((
        status = 200, description = "The file; it is whole where the answer ends as HTTP says that it ends",
        content((String = "text/csv"), (String = "application/x-ndjson", example = json!(LINE))),
    ))
)]
async fn export(
    State(core): State<Core>,
    Extension(settings): Extension<FileSettings>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> ApiResult<impl IntoResponse> {
    let after = wanted.after.unwrap_or_default();
    let written = core
        .export_books(&staff.viewer, wanted.format.into(), after)
        .await
        .map_err(|error| error.rename_fields(|field| field.replace("afterId", "after")))?;
    let ends_at = Instant::now() + settings.longest.get();
    let chunks = stream::try_unfold(written, move |mut written| async move {
        let next = within(ends_at, written.message()).await;
        let next = next.and_then(|next| Ok(next?));
        match next {
            Ok(next) => Ok(next.map(|next| (next.chunk, written))),
            // Nothing can be told any more: the file just does not end as a whole one does.
            Err(error) => {
                error.log();
                Err(io::Error::other("the export broke off"))
            }
        }
    });
    let (kind, disposition) = wanted.format.headers();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
    ];
    Ok((headers, Body::from_stream(chunks)))
}

/// Which books, and how they are written.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How the file is written; CSV where it is not said.
    #[serde(default)]
    #[param(required = false, inline)]
    format: Format,
    /// The rest of a file that was cut off: only the books after the one of this number, and no header.
    #[param(minimum = 1)]
    #[schema(minimum = 1)]
    after: Option<i64>,
}

/// How a file of books is written.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// A header, then a row for each book (RFC 4180).
    #[default]
    Csv,
    /// A JSON object on each line.
    Ndjson,
}

impl Format {
    /// What the answer says that it is.
    fn headers(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"books.csv\""),
            Self::Ndjson => ("application/x-ndjson", "attachment; filename=\"books.ndjson\""),
        }
    }
}

impl From<Format> for message::BookFileFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Ndjson => Self::Ndjson,
        }
    }
}

//! The streams of `triptych.books.v1.BookService`: whole files of books, in and out.
//!
//! Each step is taken when the gateway asks for the next message, so a gateway that goes away stops the work between
//! two batches, and one that is slow slows it down.

mod upload;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use proto::books::v1 as contract;
use proto::books::v1::import_books_request::Part;
use proto::books::v1::import_books_response::Event;
use proto::books::v1::{
    BookFileFormat, BookFilePlace, ExportBooksRequest, ExportBooksResponse, ImportBooksRequest,
    ImportBooksResponse, ImportBooksStart, ImportProgress,
};
use tokio::task::JoinSet;
use tonic::{Response, Status, Streaming};

use crate::book_files::{BookReader, BookWriter, ColumnMap, Format, Place, Step, Taking};
use crate::error::{Error, Result};
use crate::models::book::Model;
use crate::services::Services;
use crate::services::catalogue_export::CatalogueExport;
use crate::services::catalogue_import::{CatalogueImport, Finding, Outcome, Plan};
use crate::services::transfers::Transfer;

/// How many findings are told.
const FINDINGS_AT_MOST: i64 = 1_000;
/// How many bytes of an export go into one message.
const CHUNK_BYTES: usize = 256 * 1024;

/// What is answered bit by bit.
pub(super) type Answers<T> = BoxStream<'static, std::result::Result<T, Status>>;

/// Takes a file into the catalogue while it comes.
pub(super) async fn import(
    services: &Services,
    mut parts: Streaming<ImportBooksRequest>,
) -> std::result::Result<Response<Answers<ImportBooksResponse>>, Status> {
    let transfer = services.transfers.begin()?;
    let first = parts.message().await?.and_then(|first| first.part);
    let Some(Part::Start(start)) = first else {
        return Err(Error::invalid("start", "has to come first").into());
    };
    let import = Import::begin(services, start, parts, transfer).await?;
    let answers = stream::try_unfold(import, |mut import| async move {
        let told = import.step().await?;
        Ok::<_, Status>(told.map(|told| (told, import)))
    });
    Ok(Response::new(one_by_one(answers, |event| ImportBooksResponse {
        event: Some(event),
    })))
}

/// An import that is going on.
struct Import {
    taking: Taking,
    map: Arc<ColumnMap>,
    progress: ImportProgress,
    found: i64,
    is_done: bool,
    transfer: Transfer,
    /// Takes the file's bytes from the wire; ends with the import.
    _receiving: JoinSet<()>,
}

impl Import {
    async fn begin(
        services: &Services,
        start: ImportBooksStart,
        parts: Streaming<ImportBooksRequest>,
        transfer: Transfer,
    ) -> Result<Self> {
        let format = format(start.format());
        let map = Arc::new(map(&start.map)?);
        let place = start.resume_from.map(place).transpose()?;
        let plan = Plan {
            initial: map.initial().clone(),
            may_leave_isbn_out: map.may_leave_isbn_out(),
            dry_run: start.dry_run,
        };
        let import = CatalogueImport::new(services.db.clone(), plan);
        let mut receiving = JoinSet::new();
        let upload = upload::receive(parts, &transfer, &mut receiving);
        let columns = map.clone();
        let open = move || {
            let mut reader = BookReader::open(Box::new(upload), format, columns)?;
            if let Some(place) = place {
                reader.resume_at(place);
            }
            Ok(reader)
        };
        let taking = Taking::open(open, import)
            .await
            .map_err(|problem| unreadable(&problem))?;
        Ok(Self {
            taking,
            map,
            progress: ImportProgress {
                place: place.map(message),
                ..ImportProgress::default()
            },
            found: 0,
            is_done: false,
            transfer,
            _receiving: receiving,
        })
    }

    /// Takes the next batch and says what became of it; nothing once all is said.
    async fn step(&mut self) -> Result<Option<Vec<Event>>> {
        if self.is_done {
            return Ok(None);
        }
        let batch = self.transfer.within(self.taking.read()).await?;
        let Some(batch) = batch.map_err(|problem| unreadable(&problem))? else {
            self.is_done = true;
            let ImportProgress {
                rows,
                added,
                changed,
                refused,
                ..
            } = self.progress;
            tracing::info!(rows, added, changed, refused, "took a file of books");
            return Ok(Some(vec![Event::Done(self.progress)]));
        };
        let step = self.taking.take(batch).await?;
        Ok(Some(self.told(step)))
    }

    fn told(&mut self, step: Step) -> Vec<Event> {
        let progress = &mut self.progress;
        progress.rows += count(step.read);
        progress.added += count(step.tally.added);
        progress.changed += count(step.tally.changed);
        progress.unchanged += count(step.tally.unchanged);
        progress.refused += count(step.tally.refused);
        progress.place = Some(message(step.end));
        let mut told = Vec::new();
        for finding in step.findings {
            progress.left_out += i64::from(finding.outcome == Outcome::LeftOut);
            self.found += 1;
            if self.found <= FINDINGS_AT_MOST {
                told.push(Event::Finding(found(&self.map, finding)));
            }
        }
        told.push(Event::Progress(*progress));
        told
    }
}

/// Writes all books that come after one.
pub(super) fn export(
    services: &Services,
    request: ExportBooksRequest,
) -> std::result::Result<Response<Answers<ExportBooksResponse>>, Status> {
    let transfer = services.transfers.begin()?;
    let format = format(request.format());
    let after = request.after_id;
    if after < 0 {
        return Err(Error::invalid("after_id", "can't be negative").into());
    }
    let books = CatalogueExport::after(services.db.clone(), after);
    let begun = (books, after == 0, transfer);
    let pages = stream::try_unfold(begun, move |(mut books, has_header, transfer)| async move {
        let page = transfer.within(books.next_page()).await??;
        if page.is_empty() && !has_header {
            return Ok::<_, Status>(None);
        }
        let bytes = written(&page, format, has_header).map_err(Error::internal)?;
        Ok(Some((chunks(bytes), (books, false, transfer))))
    });
    Ok(Response::new(one_by_one(pages, |chunk| ExportBooksResponse {
        chunk,
    })))
}

fn written(books: &[Model], format: Format, has_header: bool) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = BookWriter::part(&mut bytes, format);
    if has_header {
        file.header()?;
    }
    for book in books {
        file.write(book)?;
    }
    file.finish()?;
    Ok(bytes)
}

fn chunks(bytes: Vec<u8>) -> Vec<Bytes> {
    let mut bytes = Bytes::from(bytes);
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        chunks.push(bytes.split_to(bytes.len().min(CHUNK_BYTES)));
    }
    chunks
}

/// A message for each thing of each step.
fn one_by_one<T, M>(
    steps: impl stream::TryStream<Ok = Vec<T>, Error = Status> + Send + 'static,
    message: impl Fn(T) -> M + Copy + Send + 'static,
) -> Answers<M>
where
    T: Send + 'static,
    M: Send + 'static,
{
    let each = move |step: Vec<T>| stream::iter(step.into_iter().map(move |thing| Ok(message(thing))));
    steps.map_ok(each).try_flatten().boxed()
}

fn format(format: BookFileFormat) -> Format {
    match format {
        BookFileFormat::Unspecified | BookFileFormat::Csv => Format::Csv,
        BookFileFormat::Ndjson => Format::Ndjson,
    }
}

/// The map of this name. Only ours: a path in a message would name a file of this machine.
fn map(name: &str) -> Result<ColumnMap> {
    let name = if name.is_empty() {
        ColumnMap::OF_EXPORTS
    } else {
        name
    };
    match ColumnMap::of_ours(name) {
        Some(map) => map.map_err(Error::internal),
        None => Err(Error::invalid(
            "map",
            format!("has to be one of {}", ColumnMap::names()),
        )),
    }
}

fn place(place: BookFilePlace) -> Result<Place> {
    match (u64::try_from(place.lines), u64::try_from(place.bytes)) {
        (Ok(lines), Ok(bytes)) => Ok(Place { lines, bytes }),
        _ => Err(Error::invalid("resume_from", "can't be negative")),
    }
}

fn message(place: Place) -> BookFilePlace {
    BookFilePlace {
        lines: count(place.lines),
        bytes: count(place.bytes),
    }
}

fn found(map: &ColumnMap, finding: Finding) -> contract::ImportFinding {
    contract::ImportFinding {
        line: count(finding.line),
        column: map.column_of(&finding.field),
        value: finding.value,
        reason: finding.reason,
        refused: finding.outcome == Outcome::Refused,
    }
}

fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unreadable(problem: &anyhow::Error) -> Error {
    Error::invalid("file", format!("{problem:#}"))
}

//! Whole files of books, in and out.

mod exports;
mod imports;
mod limits;

use std::fmt::Write as _;

use proto::books::v1::import_books_request::Part;
use proto::books::v1::import_books_response::Event;
use proto::books::v1::{
    BookFileFormat, ExportBooksRequest, ImportBooksRequest, ImportBooksResponse, ImportBooksStart,
    ImportProgress,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::app::{Actor, App};

const HEADER: &str = "import_key,title,authors,price_cents,currency,stock\r\n";
/// How many rows the core takes at a time.
const BATCH: usize = 500;

fn rows(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(String::new(), |mut rows, number| {
        write!(rows, "a:{number},\"Book\n{number}\",Ada,1,EUR,3\r\n").unwrap();
        rows
    })
}

/// A file that is being sent.
struct Sending {
    parts: mpsc::Sender<ImportBooksRequest>,
    told: Streaming<ImportBooksResponse>,
}

impl Sending {
    /// Begins to send a file, of which the core needs the header before it answers.
    async fn begin(app: &App, by: &Actor, start: ImportBooksStart, text: &str) -> Result<Self, Status> {
        let (parts, stream) = mpsc::channel(8);
        parts.send(part(Part::Start(start))).await.unwrap();
        parts
            .send(part(Part::Chunk(text.as_bytes().to_vec().into())))
            .await
            .unwrap();
        let request = by.asks(ReceiverStream::new(stream));
        let told = app.books().import_books(request).await?.into_inner();
        Ok(Self { parts, told })
    }

    async fn send(&self, text: &str) {
        // The core may have stopped listening.
        let chunk = Part::Chunk(text.as_bytes().to_vec().into());
        let _ = self.parts.send(part(chunk)).await;
    }

    async fn end(&self) {
        self.parts.send(part(Part::End(()))).await.unwrap();
    }

    async fn next(&mut self) -> Event {
        self.told.message().await.unwrap().unwrap().event.unwrap()
    }

    async fn progress(&mut self) -> ImportProgress {
        match self.next().await {
            Event::Progress(progress) => progress,
            other => panic!("{other:?} is no progress"),
        }
    }

    /// Everything that is told until the end, and how that comes.
    async fn rest(mut self) -> (Vec<Event>, Result<(), Status>) {
        let mut events = Vec::new();
        loop {
            match self.told.message().await {
                Ok(Some(told)) => events.push(told.event.unwrap()),
                Ok(None) => return (events, Ok(())),
                Err(status) => return (events, Err(status)),
            }
        }
    }

    async fn done(self) -> ImportProgress {
        let (events, ended) = self.rest().await;
        ended.unwrap();
        match events.last() {
            Some(Event::Done(done)) => *done,
            other => panic!("{other:?} is no end"),
        }
    }
}

fn part(part: Part) -> ImportBooksRequest {
    ImportBooksRequest { part: Some(part) }
}

/// Sends a whole file of our own columns.
pub async fn import(app: &App, by: &Actor, text: &str) -> ImportProgress {
    let sending = Sending::begin(app, by, ImportBooksStart::default(), text)
        .await
        .unwrap();
    sending.end().await;
    sending.done().await
}

async fn try_export(app: &App, by: &Actor, format: BookFileFormat, after_id: i64) -> Result<String, Status> {
    let request = ExportBooksRequest {
        format: format.into(),
        after_id,
    };
    let mut chunks = app.books().export_books(by.asks(request)).await?.into_inner();
    let mut text = Vec::new();
    while let Some(next) = chunks.message().await? {
        text.extend_from_slice(&next.chunk);
    }
    Ok(String::from_utf8(text).unwrap())
}

async fn export(app: &App, by: &Actor, format: BookFileFormat, after_id: i64) -> String {
    try_export(app, by, format, after_id).await.unwrap()
}

fn counts(progress: ImportProgress) -> [i64; 4] {
    let ImportProgress {
        added,
        changed,
        unchanged,
        refused,
        ..
    } = progress;
    [added, changed, unchanged, refused]
}

/// How many books there are.
async fn shelf(app: &App, by: &Actor) -> usize {
    export(app, by, BookFileFormat::Ndjson, 0).await.lines().count()
}

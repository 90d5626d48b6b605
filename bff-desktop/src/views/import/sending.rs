//! The file on its way from the client to the core.

use std::time::Duration;

use bff_kit::{ApiError, ApiResult, input::Pieces};
use futures_util::Stream;
use proto::books::v1::{ImportBooksRequest, ImportBooksStart, import_books_request::Part};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;

/// How many pieces wait for the core.
const AHEAD: usize = 4;
/// How long a file that nobody wants any more is taken off the wire, so that the client gets to read why.
const DRAIN: Duration = Duration::from_secs(2);

/// A file that is being sent; it stops when this is dropped.
pub(super) struct Sending {
    task: AbortOnDropHandle<ApiResult<()>>,
}

impl Sending {
    /// Begins to send it; its parts are for the core. The core is told that the file has ended only where it
    /// really has: of one that broke off it does not take the last row.
    pub(super) fn begin(
        start: ImportBooksStart,
        file: Pieces,
    ) -> (Self, impl Stream<Item = ImportBooksRequest> + Send + 'static) {
        let (parts, stream) = mpsc::channel(AHEAD);
        let task = tokio::spawn(send(start, file, parts));
        let task = AbortOnDropHandle::new(task);
        (Self { task }, ReceiverStream::new(stream))
    }

    /// Why the core has stopped: what was wrong with the file on its way here, where that is over; otherwise what the
    /// core says, and the file still comes.
    pub(super) async fn reason_of(self, said: ApiError) -> (ApiError, Option<Self>) {
        if !self.task.is_finished() {
            return (said, Some(self));
        }
        match self.task.await {
            Ok(Err(error)) => (error, None),
            _ => (said, None),
        }
    }

    /// Waits a little until the client has sent what it had to send.
    pub(super) async fn drain(self) {
        // It does not matter how it ends.
        let _ = tokio::time::timeout(DRAIN, self.task).await;
    }
}

async fn send(
    start: ImportBooksStart,
    mut file: Pieces,
    parts: mpsc::Sender<ImportBooksRequest>,
) -> ApiResult<()> {
    let part = |part| ImportBooksRequest { part: Some(part) };
    let mut wanted = parts.send(part(Part::Start(start))).await.is_ok();
    while let Some(piece) = file.next().await? {
        wanted = wanted && parts.send(part(Part::Chunk(piece))).await.is_ok();
    }
    if wanted {
        // Where the core has gone, its answer says so.
        let _ = parts.send(part(Part::End(()))).await;
    }
    Ok(())
}

//! The bytes of a file that comes in a stream of messages, for whoever reads files.

use std::io::{self, ErrorKind, Read};
use std::time::Duration;

use bytes::{Buf, Bytes};
use proto::books::v1::ImportBooksRequest;
use proto::books::v1::import_books_request::Part;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tonic::Streaming;

use crate::services::transfers::Transfer;

/// How many chunks wait to be read.
const AHEAD: usize = 2;

/// A file that comes, to be read in a thread that may wait.
pub(super) struct Upload {
    pieces: mpsc::Receiver<io::Result<Piece>>,
    rest: Bytes,
    is_complete: bool,
}

enum Piece {
    Bytes(Bytes),
    End,
}

/// Takes the parts of a file from the wire, in a task of `tasks`.
pub(super) fn receive(
    mut parts: Streaming<ImportBooksRequest>,
    transfer: &Transfer,
    tasks: &mut JoinSet<()>,
) -> Upload {
    let (sender, pieces) = mpsc::channel(AHEAD);
    let (idle, most) = (transfer.idle, transfer.max_bytes);
    tasks.spawn(async move {
        let mut left = most;
        loop {
            let piece = next(&mut parts, idle, &mut left, most).await;
            let goes_on = matches!(piece, Ok(Piece::Bytes(_)));
            if sender.send(piece).await.is_err() || !goes_on {
                return;
            }
        }
    });
    Upload {
        pieces,
        rest: Bytes::new(),
        is_complete: false,
    }
}

async fn next(
    parts: &mut Streaming<ImportBooksRequest>,
    idle: Duration,
    left: &mut u64,
    most: u64,
) -> io::Result<Piece> {
    let part = match tokio::time::timeout(idle, parts.message()).await {
        Err(_) => {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                format!("nothing more came for {idle:?}"),
            ));
        }
        Ok(Err(_) | Ok(None)) => return Err(broken_off()),
        Ok(Ok(Some(part))) => part.part,
    };
    match part {
        Some(Part::Chunk(chunk)) => {
            let length = chunk.len() as u64;
            *left = left.checked_sub(length).ok_or_else(|| {
                io::Error::new(ErrorKind::FileTooLarge, format!("has more than {most} bytes"))
            })?;
            Ok(Piece::Bytes(chunk))
        }
        Some(Part::End(())) => Ok(Piece::End),
        Some(Part::Start(_)) | None => Err(io::Error::new(
            ErrorKind::InvalidData,
            "has a part that is no bytes",
        )),
    }
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.is_complete {
            match self.pieces.blocking_recv() {
                Some(Ok(Piece::Bytes(bytes))) => self.rest = bytes,
                Some(Ok(Piece::End)) => self.is_complete = true,
                Some(Err(problem)) => return Err(problem),
                // Nobody receives any more, so nobody knows whether this is all.
                None => return Err(broken_off()),
            }
        }
        let length = buffer.len().min(self.rest.len());
        self.rest.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

fn broken_off() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "broke off before its end")
}

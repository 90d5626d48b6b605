//! A file that is being taken into the catalogue, a batch at a time.

use anyhow::anyhow;
use tokio::sync::{mpsc, oneshot};

use super::{Batch, BookReader, Place};
use crate::error::Result;
use crate::services::catalogue_import::{CatalogueImport, Finding, Tally};

/// How many batches are read ahead of their writing.
const AHEAD: usize = 2;

/// A file that is being taken into the catalogue.
#[derive(Debug)]
pub struct Taking {
    batches: mpsc::Receiver<anyhow::Result<Batch>>,
    import: CatalogueImport,
}

/// What a batch came to.
#[derive(Debug)]
pub struct Step {
    /// How many rows it had.
    pub read: u64,
    /// What they came to.
    pub tally: Tally,
    /// What was wrong with them, in the order of the file.
    pub findings: Vec<Finding>,
    /// Behind the last of them.
    pub end: Place,
}

impl Taking {
    /// The file that `reader` reads, in a thread of its own: one that waits for its input does not keep the process
    /// from ending.
    pub fn of(mut reader: BookReader, import: CatalogueImport) -> Self {
        let (sender, batches) = mpsc::channel(AHEAD);
        std::thread::spawn(move || {
            loop {
                let batch = reader.next_batch();
                let goes_on = batch.as_ref().is_ok_and(|batch| batch.read > 0);
                if sender.blocking_send(batch).is_err() || !goes_on {
                    break;
                }
            }
        });
        Self { batches, import }
    }

    /// The same for a file that is yet to be opened, which waits for its first bytes.
    pub async fn open(
        open: impl FnOnce() -> anyhow::Result<BookReader> + Send + 'static,
        import: CatalogueImport,
    ) -> anyhow::Result<Self> {
        let (sender, opened) = oneshot::channel();
        // Where nobody waits for it any more, it is closed again.
        std::thread::spawn(move || drop(sender.send(open())));
        let reader = opened.await.map_err(|_| broken_off())??;
        Ok(Self::of(reader, import))
    }

    /// The next batch; none at the end of the file. Nothing of it is taken yet, so this can be given up.
    pub async fn read(&mut self) -> anyhow::Result<Option<Batch>> {
        let batch = self.batches.recv().await.ok_or_else(broken_off)??;
        Ok((batch.read > 0).then_some(batch))
    }

    /// Takes a batch: all of it that can be taken, or, where the database fails, nothing.
    pub async fn take(&mut self, batch: Batch) -> Result<Step> {
        let (mut tally, findings) = self.import.take(batch.rows).await?;
        tally.refused += batch.refused;
        let mut findings: Vec<Finding> = batch.findings.into_iter().chain(findings).collect();
        findings.sort_by_key(|finding| finding.line);
        Ok(Step {
            read: batch.read,
            tally,
            findings,
            end: batch.end,
        })
    }

    /// Whether nothing is written.
    pub fn is_dry_run(&self) -> bool {
        self.import.is_dry_run()
    }
}

fn broken_off() -> anyhow::Error {
    anyhow!("the reader of the file broke off")
}

//! How far a long command is: a bar where a person looks on, a line now and then elsewhere.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::numbers::grouped;

/// How often a line is written where there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// An input whose bytes are counted.
pub(super) struct Counted<R> {
    input: R,
    bytes: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            bytes: Arc::default(),
        }
    }

    /// The count, which goes on.
    pub(super) fn count(&self) -> Arc<AtomicU64> {
        self.bytes.clone()
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// How far the import is. All of it goes to the standard error output.
pub(super) struct Progress {
    bar: ProgressBar,
    bytes: Arc<AtomicU64>,
    length: Option<u64>,
    last_line: Instant,
}

impl Progress {
    /// Shows nothing yet.
    pub(super) fn start(length: Option<u64>, bytes: Arc<AtomicU64>) -> Self {
        let (bar, template) = match (io::stderr().is_terminal(), length) {
            (false, _) => (ProgressBar::hidden(), ""),
            (true, Some(length)) => (
                ProgressBar::new(length),
                "{bar:30} {percent:>3} %  {msg}  {eta} to go",
            ),
            (true, None) => (ProgressBar::new_spinner(), "{spinner} {msg}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            bytes,
            length,
            last_line: Instant::now(),
        }
    }

    /// So many rows are done.
    pub(super) fn show(&mut self, rows: u64) {
        let bytes = self.bytes.load(Ordering::Relaxed);
        let rows = format!("{} rows", grouped(rows));
        if self.bar.is_hidden() && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let part = self
                .length
                .map(|length| format!(" ({} %)", bytes * 100 / length.max(1)));
            self.say(&format!("{rows}{} …", part.unwrap_or_default()));
        }
        self.bar.set_position(bytes);
        self.bar.set_message(rows);
    }

    /// Writes a line.
    pub(super) fn say(&self, line: &str) {
        // Nobody is left to be told that the standard error output is gone.
        self.bar.suspend(|| drop(writeln!(io::stderr(), "{line}")));
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

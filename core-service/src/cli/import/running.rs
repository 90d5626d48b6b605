//! An import that is going on: batches in, findings and a summary out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail, ensure};
use tokio_util::sync::CancellationToken;

use super::progress::Progress;
use crate::book_files::{Batch, ColumnMap, Report, Taking};
use crate::cli::console::{say, warn};
use crate::cli::numbers::{counted, grouped};
use crate::services::catalogue_import::{Finding, Outcome, Tally};

/// How many findings are shown.
const SHOWN: u64 = 20;

/// An import that is going on.
pub(super) struct Running {
    name: String,
    map: Arc<ColumnMap>,
    taking: Taking,
    report: Option<Report>,
    progress: Progress,
    tally: Tally,
    read: u64,
    left_out: u64,
    found: u64,
}

impl Running {
    /// The import of the file that people know by `name`.
    pub(super) fn new(
        name: String,
        map: Arc<ColumnMap>,
        taking: Taking,
        report: Option<Report>,
        progress: Progress,
    ) -> Self {
        Self {
            name,
            map,
            taking,
            report,
            progress,
            tally: Tally::default(),
            read: 0,
            left_out: 0,
            found: 0,
        }
    }

    /// Goes on until the file ends, or until it is told to stop, and sums up. An error where a row was refused.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        let began = Instant::now();
        let ended = self.work(stop).await;
        self.progress.end();
        let reported = self.report.take().map_or(Ok(()), Report::finish);
        self.sum_up(began.elapsed());
        ended?;
        reported.context("the report cannot be written")?;
        let refused = self.tally.refused;
        ensure!(
            refused == 0,
            "{} of {} refused",
            grouped(refused),
            counted(self.read, "row")
        );
        Ok(())
    }

    /// Takes batch after batch; a stop comes between two of them.
    async fn work(&mut self, stop: &CancellationToken) -> anyhow::Result<()> {
        loop {
            let batch = tokio::select! {
                biased;
                () = stop.cancelled() => bail!(
                    "stopped after {}; what was written stays, and the same command does the rest",
                    counted(self.read, "row")
                ),
                batch = self.taking.read() => batch,
            };
            match batch.map_err(|problem| anyhow!("{}: {problem:#}", self.name))? {
                Some(batch) => self.take(batch).await?,
                None => return Ok(()),
            }
        }
    }

    async fn take(&mut self, batch: Batch) -> anyhow::Result<()> {
        let step = self.taking.take(batch).await;
        let step = step.with_context(|| {
            format!(
                "what comes after the first {} could not be written",
                counted(self.read, "row")
            )
        })?;
        self.read += step.read;
        self.tally += step.tally;
        for finding in &step.findings {
            self.note(finding)?;
        }
        self.progress.show(self.read);
        Ok(())
    }

    fn note(&mut self, finding: &Finding) -> anyhow::Result<()> {
        self.found += 1;
        self.left_out += u64::from(finding.outcome == Outcome::LeftOut);
        if self.found <= SHOWN {
            self.progress.say(&self.sentence(finding));
        }
        if let Some(report) = &mut self.report {
            report
                .add(&self.map, finding)
                .context("the report cannot be written")?;
        }
        Ok(())
    }

    /// `books.csv:17: refused: isbn "123" is not an ISBN`
    fn sentence(&self, finding: &Finding) -> String {
        let Finding {
            line,
            field,
            value,
            reason,
            outcome,
        } = finding;
        let what = match (field.as_str(), value.as_str()) {
            ("", _) => "the row".to_owned(),
            (field, "") => self.map.column_of(field),
            (field, value) => format!("{} {value:?}", self.map.column_of(field)),
        };
        let outcome = match outcome {
            Outcome::Refused => "refused",
            Outcome::LeftOut => "left out",
        };
        format!("{}:{line}: {outcome}: {what} {reason}", self.name)
    }

    fn sum_up(&self, took: Duration) {
        if self.found > SHOWN {
            let more = grouped(self.found - SHOWN);
            warn(format_args!("… and {more} more: `--report FILE` lists them all"));
        }
        let (name, rows, seconds) = (&self.name, counted(self.read, "row"), took.as_secs_f64());
        say(format_args!("{name}: {rows} read in {seconds:.1} s"));
        let Tally {
            added,
            changed,
            unchanged,
            refused,
        } = self.tally;
        let line = |count: u64, what: &str| say(format_args!("{:>11} {what}", grouped(count)));
        line(added, "added");
        line(changed, "changed");
        line(unchanged, "unchanged");
        line(refused, "refused");
        if self.left_out > 0 {
            line(self.left_out, "left out (single values; their rows were taken)");
        }
        if self.taking.is_dry_run() {
            say("Dry run: nothing was written.");
        } else if added == 0 && changed == 0 {
            say("Nothing changed.");
        }
    }
}

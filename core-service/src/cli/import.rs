//! `core-service import`.

mod progress;

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, Subcommand};
use service_kit::shutdown;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::catalogue;
use super::numbers::grouped;
use crate::book_files::{Batch, BookReader, ColumnMap, Format, Report};
use crate::services::catalogue_import::{CatalogueImport, Finding, Outcome, Plan, Tally};
use crate::settings::Settings;
use progress::{Counted, Progress};

/// How many findings are shown.
const SHOWN: u64 = 20;

/// What can be imported.
#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Take the books of a file into the catalogue; running it again changes only what the file has changed.
    Books(Books),
}

#[derive(Debug, Args)]
pub(super) struct Books {
    /// A CSV or NDJSON file; `-` is the standard input.
    file: PathBuf,
    /// How the file is written; without it, its name tells (CSV unless .ndjson or .jsonl).
    #[arg(long)]
    format: Option<Format>,
    /// Which column feeds which field: `goodbooks`, or a TOML file; without it, those of `export books`.
    #[arg(long, value_name = "NAME|FILE")]
    map: Option<String>,
    /// Say what would happen, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write every refused row and every value left out into this file: CSV, or .ndjson.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Imports what was asked for. An error where a row was refused.
pub(super) async fn run(import: Import, settings: Settings) -> anyhow::Result<()> {
    let Import::Books(asked) = import;
    let stop = shutdown::on_signals()?;
    let name = name_of(&asked.file);
    let map = Arc::new(ColumnMap::load(asked.map.as_deref())?);
    let format = asked.format.unwrap_or_else(|| Format::of(&asked.file));
    let (input, bytes) = open(&asked.file).with_context(|| format!("{name} cannot be read"))?;
    let input = Counted::new(input);
    let progress = Progress::start(bytes, input.count());
    let reader = BookReader::open(Box::new(input), format, map.clone());
    let reader = reader.map_err(|problem| anyhow!("{name}: {problem:#}"))?;

    let database = catalogue::open(&settings.database).await?;
    let report = asked
        .report
        .as_deref()
        .map(|report| create_report(report, &asked.file));
    let plan = Plan {
        initial: map.initial().clone(),
        may_leave_isbn_out: map.may_leave_isbn_out(),
        dry_run: asked.dry_run,
    };
    let mut running = Running {
        name,
        map,
        import: CatalogueImport::new(database, plan),
        report: report.transpose()?,
        progress,
        tally: Tally::default(),
        read: 0,
        left_out: 0,
        found: 0,
    };
    let began = Instant::now();
    let ended = running.work(reader, &stop).await;
    running.finish(began, asked.dry_run)?;
    ended?;
    match (running.tally.refused, running.read) {
        (0, _) => Ok(()),
        (refused, read) => bail!("{} of {} rows were refused", grouped(refused), grouped(read)),
    }
}

/// An import that is going on.
struct Running {
    name: String,
    map: Arc<ColumnMap>,
    import: CatalogueImport,
    report: Option<Report>,
    progress: Progress,
    tally: Tally,
    read: u64,
    left_out: u64,
    found: u64,
}

impl Running {
    /// Goes on until the file ends, or until it is told to stop: then between two batches.
    async fn work(&mut self, reader: BookReader, stop: &CancellationToken) -> anyhow::Result<()> {
        let mut batches = read_ahead(reader);
        loop {
            let batch = tokio::select! {
                biased;
                () = stop.cancelled() => bail!(
                    "stopped after {} rows; what was written stays, and the same command does the rest",
                    grouped(self.read)
                ),
                batch = batches.recv() => batch.context("the reader of the file broke off")?,
            };
            let batch = batch.map_err(|problem| anyhow!("{}: {problem:#}", self.name))?;
            if batch.read == 0 {
                return Ok(());
            }
            self.take(batch).await?;
        }
    }

    async fn take(&mut self, batch: Batch) -> anyhow::Result<()> {
        let written = self.import.take(batch.rows).await;
        let (tally, findings) = written.with_context(|| {
            format!(
                "the rows after the first {} could not be written",
                grouped(self.read)
            )
        })?;
        self.read += batch.read;
        self.tally += tally;
        self.tally.refused += batch.refused;
        let mut findings: Vec<Finding> = batch.findings.into_iter().chain(findings).collect();
        findings.sort_by_key(|finding| finding.line);
        for finding in &findings {
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

    /// Ends the report and sums up.
    fn finish(&mut self, began: Instant, dry_run: bool) -> anyhow::Result<()> {
        self.progress.end();
        if self.found > SHOWN {
            let more = grouped(self.found - SHOWN);
            let where_to = if self.report.is_some() {
                "in the report"
            } else {
                "which `--report FILE` would list"
            };
            self.progress.say(&format!("… and {more} more, {where_to}"));
        }
        if let Some(report) = self.report.take() {
            report.finish().context("the report cannot be written")?;
        }
        let Tally {
            added,
            changed,
            unchanged,
            refused,
        } = self.tally;
        let mut out = io::stdout().lock();
        let seconds = began.elapsed().as_secs_f64();
        writeln!(
            out,
            "{}: {} rows read in {seconds:.1} s",
            self.name,
            grouped(self.read)
        )?;
        for (count, what) in [
            (added, "added"),
            (changed, "changed"),
            (unchanged, "unchanged"),
            (refused, "refused"),
        ] {
            writeln!(out, "{:>11} {what}", grouped(count))?;
        }
        if self.left_out > 0 {
            let left_out = grouped(self.left_out);
            writeln!(
                out,
                "{left_out:>11} left out (single values; their rows were taken)"
            )?;
        }
        if dry_run {
            writeln!(out, "Dry run: nothing was written.")?;
        } else if added == 0 && changed == 0 {
            writeln!(out, "Nothing changed.")?;
        }
        Ok(())
    }
}

/// Reads batches in a thread of its own, a little ahead of their writing. A thread that waits for its input
/// does not keep the process from ending.
fn read_ahead(mut reader: BookReader) -> mpsc::Receiver<anyhow::Result<Batch>> {
    let (sender, batches) = mpsc::channel(2);
    std::thread::spawn(move || {
        loop {
            let batch = reader.next_batch();
            let goes_on = batch.as_ref().is_ok_and(|batch| batch.read > 0);
            if sender.blocking_send(batch).is_err() || !goes_on {
                break;
            }
        }
    });
    batches
}

fn name_of(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

fn open(file: &Path) -> io::Result<(Box<dyn Read + Send>, Option<u64>)> {
    if file == Path::new("-") {
        return Ok((Box::new(io::stdin()), None));
    }
    let opened = File::open(file)?;
    let facts = opened.metadata()?;
    Ok((Box::new(opened), facts.is_file().then_some(facts.len())))
}

fn create_report(report: &Path, file: &Path) -> anyhow::Result<Report> {
    let is_input =
        matches!((report.canonicalize(), file.canonicalize()), (Ok(one), Ok(other)) if one == other);
    ensure!(!is_input, "the report would overwrite the file that is imported");
    Report::create(report).with_context(|| format!("the report {} cannot be written", report.display()))
}

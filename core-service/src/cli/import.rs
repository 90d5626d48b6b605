//! `core-service import`.

mod progress;
mod running;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use service_kit::shutdown;

use super::catalogue;
use crate::book_files::{BookReader, ColumnMap, Format, Report, Taking};
use crate::services::catalogue_import::{CatalogueImport, Plan};
use crate::settings::Settings;
use progress::{Counted, Progress};
use running::Running;

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
    let name = name_of(&asked.file);
    let map = Arc::new(ColumnMap::load(asked.map.as_deref())?);
    let format = asked.format.unwrap_or_else(|| Format::of(&asked.file));
    let (input, bytes) = open(&asked.file).with_context(|| format!("{name} cannot be read"))?;
    let input = Counted::new(input);
    let progress = Progress::start(bytes, input.count());
    let reader = BookReader::open(Box::new(input), format, map.clone());
    let reader = reader.map_err(|problem| anyhow!("{name}: {problem:#}"))?;

    let database = catalogue::open(&settings.database).await?;
    let report = asked.report.as_deref();
    let report = report
        .map(|report| create_report(report, &asked.file))
        .transpose()?;
    let plan = Plan {
        initial: map.initial().clone(),
        may_leave_isbn_out: map.may_leave_isbn_out(),
        dry_run: asked.dry_run,
    };
    let import = CatalogueImport::new(database, plan);
    // Only from here on is there anything that a signal must not cut in two.
    let stop = shutdown::on_signals()?;
    let taking = Taking::of(reader, import);
    Running::new(name, map, taking, report, progress).run(&stop).await
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

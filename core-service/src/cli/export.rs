//! `core-service export`.

use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error};
use clap::{Args, Subcommand};

use super::catalogue;
use super::console::warn;
use super::numbers::counted;
use crate::book_files::{BookWriter, Format};
use crate::services::catalogue_export::CatalogueExport;
use crate::settings::Settings;

/// What can be exported.
#[derive(Debug, Subcommand)]
pub(super) enum Export {
    /// Write all books into a file that `import books` reads.
    Books(Books),
}

#[derive(Debug, Args)]
pub(super) struct Books {
    /// Where to; without it, or as `-`, to the standard output.
    file: Option<PathBuf>,
    /// How to write it; without it, the file's name tells (CSV unless .ndjson or .jsonl).
    #[arg(long)]
    format: Option<Format>,
}

/// Exports what was asked for.
pub(super) async fn run(export: Export, settings: Settings) -> anyhow::Result<()> {
    let Export::Books(asked) = export;
    let file = asked.file.filter(|file| file != Path::new("-"));
    let by_name = file.as_deref().map_or(Format::Csv, Format::of);
    let format = asked.format.unwrap_or(by_name);
    let books = CatalogueExport::after(catalogue::open(&settings.database).await?, 0);
    let written = match file {
        Some(file) => to_file(books, format, &file)
            .await
            .with_context(|| format!("{} cannot be written", file.display())),
        None => write(books, format, io::stdout()).await,
    };
    match written {
        Ok(count) => {
            warn(format_args!("{} written", counted(count, "book")));
            Ok(())
        }
        // Whoever read has seen enough.
        Err(error) if is_broken_pipe(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes beside the file and then in its place, so that a file is never half of one.
async fn to_file(books: CatalogueExport, format: Format, file: &Path) -> anyhow::Result<u64> {
    // What is there and is no file (a pipe, a terminal) cannot be replaced.
    if file.exists() && !file.is_file() {
        return write(books, format, File::create(file)?).await;
    }
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let out = File::create(&part)?;
    let written = match write(books, format, &out).await {
        Ok(count) => out
            .sync_all()
            .and_then(|()| fs::rename(&part, file))
            .map(|()| count)
            .map_err(Error::from),
        failed => failed,
    };
    if written.is_err() {
        // The first failure is the one to tell.
        drop(fs::remove_file(&part));
    }
    written
}

async fn write(mut books: CatalogueExport, format: Format, out: impl Write) -> anyhow::Result<u64> {
    let mut count = 0;
    let mut file = BookWriter::new(BufWriter::new(out), format)?;
    loop {
        let page = books.next_page().await?;
        if page.is_empty() {
            file.finish()?;
            return Ok(count);
        }
        for book in &page {
            file.write(book)?;
            count += 1;
        }
    }
}

fn is_broken_pipe(error: &Error) -> bool {
    let cause = error.downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

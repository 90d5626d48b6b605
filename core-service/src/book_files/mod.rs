//! Books in files: read by a column map, written as our own.
//!
//! An edge like `grpc`: what comes in here goes through [`crate::validators`] to [`crate::services`].
//! A file is read row by row, and no row may be longer than [`ROW_AT_MOST`], so memory does not grow with it.

mod convert;
mod csv;
mod field;
mod header;
mod map;
mod map_file;
mod ndjson;
mod reader;
mod report;
mod row;
mod taking;
mod writer;

use std::path::Path;

use clap::ValueEnum;

pub use map::ColumnMap;
pub use reader::{Batch, BookReader};
pub use report::Report;
pub use taking::{Step, Taking};
pub use writer::BookWriter;

/// How many bytes one row may take.
pub const ROW_AT_MOST: usize = 1 << 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header, then a row for each book (RFC 4180).
    Csv,
    /// A JSON object on each line.
    Ndjson,
}

impl Format {
    /// What the end of a file's name tells; CSV where it tells nothing.
    pub fn of(file: &Path) -> Self {
        let end = file.extension().map(|end| end.to_ascii_lowercase());
        match end.as_ref().and_then(|end| end.to_str()) {
            Some("ndjson" | "jsonl") => Self::Ndjson,
            _ => Self::Csv,
        }
    }
}

/// A place between two rows of a file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How many lines come before it.
    pub lines: u64,
    /// How many bytes come before it.
    pub bytes: u64,
}

impl Place {
    /// The place behind these bytes.
    fn pass(&mut self, bytes: &[u8]) {
        self.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.bytes += bytes.len() as u64;
    }
}

/// What a file has in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    /// Nothing: the row does not have the column.
    Absent,
    /// A text, perhaps an empty one.
    Text(String),
    /// Texts.
    List(Vec<String>),
}

impl Cell {
    fn is_empty(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(texts) => texts.is_empty(),
        }
    }

    /// What people are shown of it.
    fn shown(&self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Text(text) => shortened(text),
            Self::List(texts) => shortened(&texts.join("; ")),
        }
    }
}

/// One row: where it begins, and for each place of the map what stands there, or what is wrong with it.
#[derive(Debug)]
struct Record {
    line: u64,
    cells: Result<Vec<Result<Cell, String>>, Wrong>,
}

/// What is wrong with a row as a whole.
#[derive(Debug, Default)]
struct Wrong {
    column: String,
    value: String,
    reason: String,
}

impl Wrong {
    fn with(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            ..Self::default()
        }
    }
}

/// The beginning of a text that may be long.
fn shortened(text: &str) -> String {
    const AT_MOST: usize = 100;
    match text.char_indices().nth(AT_MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The one of `known` that somebody may have meant by `name`.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, &known.to_lowercase());
    let (_, nearest) = known
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))?;
    Some(nearest)
}

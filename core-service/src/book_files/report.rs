//! The report of an import: every row that was refused and every value that was left out.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::Format;
use super::map::ColumnMap;
use crate::services::catalogue_import::{Finding, Outcome};

/// A report that is being written.
pub struct Report {
    out: Out,
}

enum Out {
    Csv(Box<csv::Writer<File>>),
    Ndjson(BufWriter<File>),
}

#[derive(Serialize)]
struct Line<'a> {
    line: u64,
    column: &'a str,
    value: &'a str,
    outcome: &'static str,
    reason: &'a str,
}

impl Report {
    /// Begins a report: NDJSON or CSV, as the file's name tells.
    pub fn create(file: &Path) -> io::Result<Self> {
        let out = File::create(file)?;
        let out = match Format::of(file) {
            Format::Ndjson => Out::Ndjson(BufWriter::new(out)),
            Format::Csv => {
                let mut out = csv::WriterBuilder::new().has_headers(false).from_writer(out);
                out.write_record(["line", "column", "value", "outcome", "reason"])?;
                Out::Csv(Box::new(out))
            }
        };
        Ok(Self { out })
    }

    /// Adds a finding.
    pub fn add(&mut self, map: &ColumnMap, finding: &Finding) -> io::Result<()> {
        let line = Line {
            line: finding.line,
            column: &map.column_of(&finding.field),
            value: &finding.value,
            outcome: match finding.outcome {
                Outcome::Refused => "refused",
                Outcome::LeftOut => "left out",
            },
            reason: &finding.reason,
        };
        match &mut self.out {
            Out::Csv(out) => Ok(out.serialize(line)?),
            Out::Ndjson(out) => {
                serde_json::to_writer(&mut *out, &line)?;
                out.write_all(b"\n")
            }
        }
    }

    /// Ends the report.
    pub fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Csv(mut out) => out.flush(),
            Out::Ndjson(mut out) => out.flush(),
        }
    }
}

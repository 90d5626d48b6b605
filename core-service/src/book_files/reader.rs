//! Reading books from a file: rows in batches, each either what it says or what is wrong with it.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::csv::CsvRows;
use super::map::{ColumnMap, Entry};
use super::ndjson::{self, NdjsonRows};
use super::row::read_row;
use super::{Cell, Format, Place, Record, Wrong, header};
use crate::services::catalogue_import::{Finding, Row};

/// How many rows make a batch.
const BATCH: u64 = 500;

/// Where a file's bytes come from.
type Input = BufReader<Box<dyn Read + Send>>;

/// A file of books that is being read.
pub struct BookReader {
    rows: Rows,
    map: Arc<ColumnMap>,
}

#[expect(clippy::large_enum_variant, reason = "there is one for each file")]
enum Rows {
    Csv {
        rows: CsvRows<Input>,
        columns: usize,
        places: Vec<Option<usize>>,
    },
    Ndjson(NdjsonRows<Input>),
}

/// Some rows of a file.
#[derive(Debug, Default)]
pub struct Batch {
    /// How many were read; none at the end of the file.
    pub read: u64,
    /// How many of them were refused.
    pub refused: u64,
    /// The others.
    pub rows: Vec<Row>,
    /// Behind the last of them.
    pub end: Place,
    /// What was wrong.
    pub findings: Vec<Finding>,
}

impl BookReader {
    /// Opens a file: reads a CSV file's header and compares it with the map.
    pub fn open(input: Box<dyn Read + Send>, format: Format, map: Arc<ColumnMap>) -> anyhow::Result<Self> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        let start = input.fill_buf().context("it cannot be read")?;
        let is_utf16 = start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF");
        ensure!(!is_utf16, "line 1: the file is UTF-16; save it as UTF-8");
        let rows = match format {
            Format::Ndjson => Rows::Ndjson(NdjsonRows::new(input)),
            Format::Csv => {
                let mut rows = CsvRows::new(input, map.separator);
                let (columns, places) = read_header(&mut rows, &map)?;
                Rows::Csv {
                    rows,
                    columns,
                    places,
                }
            }
        };
        Ok(Self { rows, map })
    }

    /// Goes on as if the next row stood at this place: the header is followed by the rest of a file.
    pub fn resume_at(&mut self, place: Place) {
        *self.place() = place;
    }

    fn place(&mut self) -> &mut Place {
        match &mut self.rows {
            Rows::Csv { rows, .. } => &mut rows.place,
            Rows::Ndjson(rows) => &mut rows.place,
        }
    }

    /// Reads the next rows.
    pub fn next_batch(&mut self) -> anyhow::Result<Batch> {
        let mut batch = Batch::default();
        while batch.read < BATCH {
            let Some(record) = self.next_record().context("it cannot be read any further")? else {
                break;
            };
            batch.read += 1;
            let mut findings = Vec::new();
            let row = read_row(&self.map, record, &mut findings);
            batch.refused += u64::from(row.is_none());
            batch.rows.extend(row);
            batch.findings.append(&mut findings);
        }
        batch.end = *self.place();
        Ok(batch)
    }

    fn next_record(&mut self) -> std::io::Result<Option<Record>> {
        match &mut self.rows {
            Rows::Csv {
                rows,
                columns,
                places,
            } => {
                let Some((line, whole)) = rows.advance()? else {
                    return Ok(None);
                };
                let cells = whole.and_then(|()| csv_cells(rows, *columns, places));
                Ok(Some(Record {
                    line,
                    cells: cells.map_err(Wrong::with),
                }))
            }
            Rows::Ndjson(rows) => {
                let Some((line, object)) = rows.next()? else {
                    return Ok(None);
                };
                let cells = object.map_err(Wrong::with);
                let cells = cells.and_then(|object| json_cells(&self.map, object));
                Ok(Some(Record { line, cells }))
            }
        }
    }
}

fn read_header(rows: &mut CsvRows<Input>, map: &ColumnMap) -> anyhow::Result<(usize, Vec<Option<usize>>)> {
    let needed = || {
        let needed = map.entries.iter().filter(|entry| !entry.optional);
        let needed: Vec<_> = needed.map(|entry| entry.column.as_str()).collect();
        needed.join(", ")
    };
    let Some((line, whole)) = rows.advance().context("it cannot be read")? else {
        bail!(
            "line 1: the file is empty; it has to begin with a header that has the columns {}",
            needed()
        );
    };
    if let Err(reason) = whole {
        bail!("line {line}: the header {reason}");
    }
    let mut columns = Vec::with_capacity(rows.columns());
    for place in 0..rows.columns() {
        match std::str::from_utf8(rows.column(place)) {
            Ok(column) => columns.push(column.trim()),
            Err(error) => bail!(
                "line {line}, column {}: the header {}",
                place + 1,
                ndjson::not_utf8(&error)
            ),
        }
    }
    match header::places(map, &columns) {
        Ok(places) => Ok((columns.len(), places)),
        Err(problems) => bail!(
            "line {line}: the header does not fit the map:\n  {}",
            problems.join("\n  ")
        ),
    }
}

fn csv_cells(
    rows: &CsvRows<Input>,
    columns: usize,
    places: &[Option<usize>],
) -> Result<Vec<Result<Cell, String>>, String> {
    if rows.columns() != columns {
        return Err(format!(
            "has {} columns where the header has {columns}",
            rows.columns()
        ));
    }
    let cell = |place: &Option<usize>| match place.map(|place| std::str::from_utf8(rows.column(place))) {
        None => Ok(Cell::Absent),
        Some(Ok(text)) => Ok(Cell::Text(text.to_owned())),
        Some(Err(error)) => Err(ndjson::not_utf8(&error)),
    };
    Ok(places.iter().map(cell).collect())
}

fn json_cells(
    map: &ColumnMap,
    mut object: serde_json::Map<String, Value>,
) -> Result<Vec<Result<Cell, String>>, Wrong> {
    let cell = |entry: &Entry| {
        object
            .remove(&entry.column)
            .map_or(Ok(Cell::Absent), ndjson::cell)
    };
    let cells = map.entries.iter().map(cell).collect();
    match object.into_iter().find(|(column, _)| !map.overlooks(column)) {
        Some((column, value)) => Err(Wrong {
            reason: map.unknown_column(&column),
            value: ndjson::cell(value).map_or(String::new(), |cell| cell.shown()),
            column,
        }),
        None => Ok(cells),
    }
}

//! One row: what it says about a book, or everything that is wrong with it.

use super::field::Emptiness;
use super::map::{ColumnMap, Entry};
use super::{Cell, Record, Wrong};
use crate::error::Error;
use crate::services::catalogue_import::{Finding, Outcome, Row};
use crate::validators::book_import::{ImportedBook, RawImportedBook};

/// What a row says, where it keeps the rules.
pub(super) fn read_row(map: &ColumnMap, record: Record, findings: &mut Vec<Finding>) -> Option<Row> {
    let line = record.line;
    let cells = match record.cells {
        Ok(cells) => cells,
        Err(Wrong {
            column,
            value,
            reason,
        }) => {
            let outcome = Outcome::Refused;
            findings.push(Finding {
                line,
                field: column,
                value,
                reason,
                outcome,
            });
            return None;
        }
    };
    let mut note = |entry: &Entry, field: &str, cell: &Result<Cell, String>, reason: String| {
        findings.push(Finding {
            line,
            field: field.to_owned(),
            value: cell.as_ref().map(Cell::shown).unwrap_or_default(),
            reason,
            outcome: if entry.omits {
                Outcome::LeftOut
            } else {
                Outcome::Refused
            },
        });
    };

    let mut raw = RawImportedBook::default();
    let mut said = Vec::new();
    for (entry, cell) in map.entries.iter().zip(&cells) {
        match cell.clone().and_then(|cell| fill(entry, cell, &mut raw)) {
            Ok(true) => said.push(entry.field.name()),
            Ok(false) => {}
            Err(reason) => note(entry, entry.field.name(), cell, reason),
        }
    }
    let book = loop {
        let violations = match ImportedBook::parse(raw.clone(), &said) {
            Ok(book) => break Some(book),
            Err(Error::Invalid(violations)) => violations,
            Err(_) => break None,
        };
        // What breaks a rule is left out, or the row is refused: then the other rules are still looked at.
        for broken in violations {
            let name = broken.field.split('[').next().unwrap_or_default();
            said.retain(|field| *field != name);
            let place = map.entries.iter().position(|entry| entry.field.name() == name);
            if let Some(place) = place {
                note(&map.entries[place], &broken.field, &cells[place], broken.problem);
            }
        }
    };
    if findings.iter().any(|finding| finding.outcome == Outcome::Refused) {
        for finding in findings.iter_mut() {
            finding.outcome = Outcome::Refused;
        }
        return None;
    }
    book.map(|book| Row { line, book })
}

/// Writes what a place of the file has into the book. Whether it says anything.
fn fill(entry: &Entry, cell: Cell, raw: &mut RawImportedBook) -> Result<bool, String> {
    if cell.is_empty() {
        return match entry.emptiness {
            Emptiness::Wrong => Err("can't be blank".to_owned()),
            Emptiness::Silent => Ok(false),
            Emptiness::None if cell == Cell::Absent => Ok(false),
            Emptiness::None => entry.field.fill(raw, Cell::Text(String::new())).map(|()| true),
        };
    }
    let mut cell = match cell {
        Cell::Text(text) => Cell::Text(text.trim().to_owned()),
        other => other,
    };
    for conversion in &entry.convert {
        cell = conversion.apply(cell)?;
    }
    entry.field.fill(raw, cell)?;
    Ok(true)
}

//! The header of a CSV file, compared with the map.

use super::map::ColumnMap;
use super::{nearest, shortened};

/// How many problems are told: a file of another kind has as many as columns, and they travel in the head of an answer.
const TOLD_AT_MOST: usize = 15;

/// Where each entry of the map finds its column, or everything that is wrong with the header.
pub(super) fn places(map: &ColumnMap, header: &[&str]) -> Result<Vec<Option<usize>>, Vec<String>> {
    let (mut problems, mut more) = (Vec::new(), 0);
    let mut refuse = |problem: &dyn Fn() -> String| {
        if problems.len() < TOLD_AT_MOST {
            problems.push(problem());
        } else {
            more += 1;
        }
    };
    for (place, column) in header.iter().enumerate() {
        let shown = || shortened(column);
        if header[..place].contains(column) {
            refuse(&|| format!("the column `{}` is there twice; remove or rename one", shown()));
        } else if !map.overlooks(column) && map.entries.iter().all(|entry| entry.column != *column) {
            refuse(&|| format!("the column `{}` {}", shown(), map.unknown_column(column)));
        }
    }
    let mut places = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        let place = header.iter().position(|column| *column == entry.column);
        if place.is_none() && !entry.optional {
            refuse(&|| {
                let meant = nearest(&entry.column, header.iter().copied());
                let hint = meant.map(|meant| format!("; is it `{}`?", shortened(meant)));
                let (column, field, hint) = (&entry.column, entry.field.name(), hint.unwrap_or_default());
                format!("there is no column `{column}`, which feeds `{field}`{hint}")
            });
        }
        places.push(place);
    }
    if header.len() == 1 && header[0].contains([';', '\t', '|']) {
        problems = vec![
            "it is all one column: name the character between the columns in a map of your own \
             (`separator = \";\"`)"
                .to_owned(),
        ];
    }
    if problems.is_empty() {
        return Ok(places);
    }
    if more > 0 {
        problems.push(format!("and {more} more"));
    }
    Err(problems)
}

//! The header of a CSV file, compared with the map.

use super::map::ColumnMap;
use super::nearest;

/// Where each entry of the map finds its column, or everything that is wrong with the header.
pub(super) fn places(map: &ColumnMap, header: &[&str]) -> Result<Vec<Option<usize>>, Vec<String>> {
    let mut problems = Vec::new();
    for (place, column) in header.iter().enumerate() {
        if header[..place].contains(column) {
            problems.push(format!(
                "the column `{column}` is there twice; remove or rename one"
            ));
        } else if !map.overlooks(column) && map.entries.iter().all(|entry| entry.column != *column) {
            problems.push(format!("the column `{column}` {}", map.unknown_column(column)));
        }
    }
    let mut places = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        let place = header.iter().position(|column| *column == entry.column);
        if place.is_none() && !entry.optional {
            let hint = match nearest(&entry.column, header.iter().copied()) {
                Some(meant) => format!("; is it `{meant}`?"),
                None => String::new(),
            };
            let (column, field) = (&entry.column, entry.field.name());
            problems.push(format!(
                "there is no column `{column}`, which feeds `{field}`{hint}"
            ));
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
        Ok(places)
    } else {
        Err(problems)
    }
}

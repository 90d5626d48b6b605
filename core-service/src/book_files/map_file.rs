//! The TOML file of a column map, as somebody wrote it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Cell;
use super::convert::Conversion;
use super::field::{Emptiness, FileField};
use super::map::Entry;
use crate::error::Error;
use crate::validators::book_import::{ImportedBook, RawImportedBook};

/// A map's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapFile {
    #[serde(default = "comma")]
    pub(super) separator: char,
    #[serde(default)]
    pub(super) other_columns: OtherColumns,
    #[serde(default)]
    pub(super) overlooked_columns: Vec<String>,
    pub(super) fields: BTreeMap<FileField, FieldEntry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldEntry {
    column: Option<String>,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    convert: Vec<Conversion>,
    #[serde(default)]
    on_error: OnError,
    initial: Option<Initial>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OtherColumns {
    #[default]
    Refuse,
    Ignore,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OnError {
    #[default]
    Refuse,
    Omit,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Initial {
    Number(i64),
    Text(String),
    List(Vec<String>),
}

fn comma() -> char {
    ','
}

pub(super) fn entry(field: FileField, given: &FieldEntry, problems: &mut Vec<String>) -> Option<Entry> {
    let mut refuse = |problem: &str| problems.push(format!("fields.{}: {problem}", field.name()));
    let has_initial = given.initial.is_some();
    let is_needed = field.emptiness() == Emptiness::Wrong && !has_initial;
    if has_initial && matches!(field, FileField::Isbn13 | FileField::ImportKey) {
        refuse("has an `initial`, but no two books can have the same");
    }
    if given.on_error == OnError::Omit && is_needed {
        refuse("has `on_error = \"omit\"`, but every book has to have it: give it an `initial` too");
    }
    if given.optional && is_needed {
        refuse("is `optional`, but every book has to have it: give it an `initial` too");
    }
    let Some(column) = &given.column else {
        if !has_initial {
            refuse("has neither a `column` nor an `initial`");
        }
        if given.optional || !given.convert.is_empty() || given.on_error == OnError::Omit {
            refuse("says something about a column that it does not name");
        }
        return None;
    };
    Some(Entry {
        field,
        column: column.clone(),
        optional: given.optional,
        convert: given.convert.clone(),
        omits: given.on_error == OnError::Omit,
        emptiness: if has_initial {
            Emptiness::Silent
        } else {
            field.emptiness()
        },
    })
}

pub(super) fn initial(file: &MapFile, problems: &mut Vec<String>) -> ImportedBook {
    let mut raw = RawImportedBook::default();
    let mut paths = Vec::new();
    for (field, given) in &file.fields {
        let cell = match &given.initial {
            None => continue,
            Some(Initial::Number(number)) => Cell::Text(number.to_string()),
            Some(Initial::Text(text)) => Cell::Text(text.clone()),
            Some(Initial::List(texts)) => Cell::List(texts.clone()),
        };
        match field.fill(&mut raw, cell) {
            Ok(()) => paths.push(field.name()),
            Err(problem) => problems.push(format!("fields.{}.initial: {problem}", field.name())),
        }
    }
    match ImportedBook::parse(raw, &paths) {
        Ok(initial) => initial,
        Err(Error::Invalid(violations)) => {
            let told = violations
                .iter()
                .map(|broken| format!("fields.{}.initial: {}", broken.field, broken.problem));
            problems.extend(told);
            ImportedBook::default()
        }
        Err(error) => {
            problems.push(error.to_string());
            ImportedBook::default()
        }
    }
}

//! Column maps: which column of a file feeds which field, and how. `docs/import.md` documents every key.

use std::path::Path;

use anyhow::{Context, bail};

use super::convert::Conversion;
use super::field::{Emptiness, FileField};
use super::map_file::{MapFile, OtherColumns, entry, initial};
use super::nearest;
use crate::validators::book_import::ImportedBook;

/// The maps that come with the program, by name.
const OURS: [(&str, &str); 2] = [
    (ColumnMap::OF_EXPORTS, include_str!("../../maps/triptych.toml")),
    ("goodbooks", include_str!("../../maps/goodbooks.toml")),
];

/// A column map that keeps the rules.
#[derive(Debug)]
pub struct ColumnMap {
    /// What separates the columns of a CSV file.
    pub(super) separator: u8,
    /// Whether a file may have any columns that feed nothing.
    ignores_others: bool,
    /// The columns that feed nothing and may be there all the same.
    overlooked: Vec<String>,
    /// Where fields come from.
    pub(super) entries: Vec<Entry>,
    initial: ImportedBook,
}

/// Where one field comes from.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) field: FileField,
    pub(super) column: String,
    /// Whether a file may lack the column.
    pub(super) optional: bool,
    pub(super) convert: Vec<Conversion>,
    /// Whether a row is taken without this value where the value is wrong.
    pub(super) omits: bool,
    /// What an empty place says.
    pub(super) emptiness: Emptiness,
}

impl ColumnMap {
    /// The map that `name` names: one of ours, or a file; without a name, the one of our own files.
    pub fn load(name: Option<&str>) -> anyhow::Result<Self> {
        let name = name.unwrap_or(Self::OF_EXPORTS);
        if let Some(map) = Self::of_ours(name) {
            return map;
        }
        let names = Self::names();
        if !name.contains(['/', '\\', '.']) {
            bail!("there is no column map `{name}`: name one of {names}, or a file such as ./{name}.toml");
        }
        let text = std::fs::read_to_string(Path::new(name)).with_context(|| {
            format!("the column map {name} cannot be read (maps that need no file: {names})")
        })?;
        Self::parse(name, &text)
    }

    /// The map of what exports write.
    pub const OF_EXPORTS: &str = "triptych";

    /// The one of ours that has this name; none where it is not ours.
    pub fn of_ours(name: &str) -> Option<anyhow::Result<Self>> {
        let (name, text) = OURS.iter().find(|(ours, _)| *ours == name)?;
        Some(Self::parse(name, text))
    }

    /// The names of ours, in a row.
    pub fn names() -> String {
        OURS.map(|(ours, _)| ours).join(", ")
    }

    fn parse(name: &str, text: &str) -> anyhow::Result<Self> {
        let file: MapFile =
            toml::from_str(text).with_context(|| format!("the column map {name} cannot be read"))?;
        let mut problems = Vec::new();
        if !file.separator.is_ascii() || matches!(file.separator, '"' | '\r' | '\n') {
            problems.push("separator: is not a character that can separate columns".to_owned());
        }
        let initial = initial(&file, &mut problems);
        let mut entries = Vec::new();
        for field in FileField::ALL {
            match file.fields.get(&field) {
                None if field.emptiness() == Emptiness::Wrong => problems.push(format!(
                    "fields.{}: is missing; every book has to have it, so give it a `column` or an `initial`",
                    field.name()
                )),
                None => {}
                Some(given) => entries.extend(entry(field, given, &mut problems)),
            }
        }
        if !problems.is_empty() {
            bail!(
                "the column map {name} cannot be used:\n  {}",
                problems.join("\n  ")
            );
        }
        Ok(Self {
            separator: file.separator as u8,
            ignores_others: file.other_columns == OtherColumns::Ignore,
            overlooked: file.overlooked_columns,
            entries,
            initial,
        })
    }

    /// What new books have where their rows are silent.
    pub fn initial(&self) -> &ImportedBook {
        &self.initial
    }

    /// Whether a book is taken without its ISBN where something is wrong with that.
    pub fn may_leave_isbn_out(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.field == FileField::Isbn13 && entry.omits)
    }

    /// The column that feeds a field, where one does: `writers[2]` for `authors[2]`.
    pub fn column_of(&self, field: &str) -> String {
        let (name, place) = field.split_at(field.find('[').unwrap_or(field.len()));
        match self.entry(name) {
            Some(entry) => format!("{}{place}", entry.column),
            None => field.to_owned(),
        }
    }

    /// Whether a file may have this column, which feeds nothing.
    pub(super) fn overlooks(&self, column: &str) -> bool {
        self.ignores_others || self.overlooked.iter().any(|overlooked| overlooked == column)
    }

    pub(super) fn entry(&self, field: &str) -> Option<&Entry> {
        let name = field.split('[').next().unwrap_or(field);
        self.entries.iter().find(|entry| entry.field.name() == name)
    }

    /// What somebody may have meant by a column that feeds nothing.
    pub(super) fn unknown_column(&self, column: &str) -> String {
        let known = || self.entries.iter().map(|entry| entry.column.as_str());
        match nearest(column, known()) {
            Some(known) => format!("is no column of the map; did you mean `{known}`?"),
            None => format!(
                "is no column of the map, which has {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_maps_keep_the_rules() {
        for (name, _) in OURS {
            ColumnMap::load(Some(name)).unwrap();
        }
    }

    #[test]
    fn everything_that_is_wrong_with_a_map_is_told_at_once() {
        let text = r#"
            [fields.title]
            initial = "Untitled"
            optional = true
            [fields.isbn13]
            [fields.authors]
            column = "writers"
            on_error = "omit"
            [fields.currency]
            initial = "euro"
            [fields.stock]
            initial = "many"
        "#;
        let told = ColumnMap::parse("mine.toml", text).unwrap_err().to_string();
        insta::assert_snapshot!(told, @r#"
        the column map mine.toml cannot be used:
          fields.stock.initial: is not a whole number
          fields.currency.initial: is not three capital letters such as EUR
          fields.isbn13: has neither a `column` nor an `initial`
          fields.title: says something about a column that it does not name
          fields.authors: has `on_error = "omit"`, but every book has to have it: give it an `initial` too
          fields.price_cents: is missing; every book has to have it, so give it a `column` or an `initial`
        "#);
    }

    #[test]
    fn a_key_that_no_map_has_is_told_with_its_line() {
        let told = ColumnMap::parse("mine.toml", "[fields.title]\ncolum = \"titel\"\n").unwrap_err();
        insta::assert_snapshot!(format!("{told:#}"), @r#"
        the column map mine.toml cannot be read: TOML parse error at line 2, column 1
          |
        2 | colum = "titel"
          | ^^^^^
        unknown field `colum`, expected one of `column`, `optional`, `convert`, `on_error`, `initial`
        "#);
    }
}

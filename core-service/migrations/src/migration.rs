//! One migration, and what can be read from it without a database.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::database::Database;
use crate::plan::Direction;
use crate::schema::Schema;

/// One change of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its timestamp and what it does: the name of its file.
    pub name: &'static str,
    /// Collects what makes the change.
    pub up: fn(&mut Schema),
    /// Collects what takes it back.
    pub down: fn(&mut Schema),
}

impl Migration {
    /// What makes the change.
    pub fn up(&self) -> Schema {
        let mut schema = Schema::default();
        (self.up)(&mut schema);
        schema
    }

    /// What takes it back.
    pub fn down(&self) -> Schema {
        let mut schema = Schema::default();
        (self.down)(&mut schema);
        schema
    }

    /// What it does, going this way.
    pub(crate) fn schema(&self, direction: Direction) -> Schema {
        match direction {
            Direction::Up => self.up(),
            Direction::Down => self.down(),
        }
    }

    /// The SHA-256 of what `up` says to both databases: comments and formatting do not count, and neither
    /// does `down`, because the database shows nothing of it.
    pub fn checksum(&self) -> String {
        let schema = self.up();
        let mut hash = Sha256::new();
        for database in Database::ALL {
            hash.update(format!("{database}\n"));
            for statement in schema.statements(database) {
                hash.update(canonical(statement));
                hash.update(";\n");
            }
        }
        hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// The SQL without comments, and with single spaces outside quotes.
fn canonical(sql: &str) -> String {
    let mut canonical = String::with_capacity(sql.len());
    let mut quote = None;
    let mut rest = sql.trim().chars().peekable();
    while let Some(c) = rest.next() {
        let comment = quote.is_none() && c == '-' && rest.peek() == Some(&'-');
        if comment {
            rest.by_ref().find(|c| *c == '\n');
        }
        if comment || (quote.is_none() && c.is_whitespace()) {
            if !canonical.ends_with(' ') {
                canonical.push(' ');
            }
            continue;
        }
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
        canonical.push(c);
    }
    canonical.truncate(canonical.trim_end().len());
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(up: fn(&mut Schema)) -> String {
        Migration {
            name: "20250101000000-test",
            up,
            down: |_| (),
        }
        .checksum()
    }

    #[test]
    fn does_not_hash_comments_and_formatting() {
        let plain = checksum(|schema| schema.sql("SELECT 'a  --b' FROM \"t\""));
        let dressed =
            checksum(|schema| schema.sql("\n  SELECT 'a  --b' -- all of it\n    FROM \"t\" -- now\n"));
        assert_eq!(plain, dressed);
    }

    #[test]
    fn hashes_what_is_quoted_as_it_is() {
        let one = checksum(|schema| schema.sql("SELECT 'a b'"));
        let two = checksum(|schema| schema.sql("SELECT 'a  b'"));
        assert_ne!(one, two);
    }

    #[test]
    fn hashes_what_each_database_is_told() {
        let both = checksum(|schema| schema.sql("SELECT 1"));
        let one = checksum(|schema| schema.only(Database::Sqlite, "SELECT 1"));
        assert_ne!(both, one);
    }
}

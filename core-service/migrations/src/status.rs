//! What the database says of each migration.

use time::OffsetDateTime;

use crate::ledger::Entry;
use crate::migration::Migration;
use crate::plan::{entry_of, migration_of};

/// One migration, and what the database says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Whether it is applied, and still what was applied.
    pub state: State,
    /// Whether one with a later timestamp was applied before it, or while it is pending.
    pub out_of_order: bool,
    /// When and how it was applied, if it was.
    pub applied: Option<Applied>,
}

/// Whether a migration is applied, and still what was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is applied.
    Applied,
    /// It is not applied yet.
    Pending,
    /// It is applied, but its SQL is another now.
    Changed,
    /// It is applied, but this program does not have it.
    Missing,
}

/// When and how a migration was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its place in the order of application.
    pub seq: i64,
    /// Which run applied it.
    pub batch: i64,
    /// When.
    pub at: OffsetDateTime,
    /// How many milliseconds it took.
    pub took_ms: i64,
}

/// All migrations that the program or the database knows, by name.
pub(crate) fn of(migrations: &[Migration], entries: &[Entry]) -> Vec<Standing> {
    let mut names: Vec<_> = migrations.iter().map(|migration| migration.name).collect();
    names.extend(entries.iter().map(|entry| entry.name.as_str()));
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| standing(name, migrations, entries))
        .collect()
}

fn standing(name: &str, migrations: &[Migration], entries: &[Entry]) -> Standing {
    let entry = entry_of(name, entries);
    let state = match (migration_of(name, migrations), entry) {
        (_, None) => State::Pending,
        (None, Some(_)) => State::Missing,
        (Some(migration), Some(entry)) if migration.checksum() == entry.checksum => State::Applied,
        (Some(_), Some(_)) => State::Changed,
    };
    let seq = entry.map_or(i64::MAX, |entry| entry.seq);
    Standing {
        name: name.to_owned(),
        state,
        out_of_order: entries.iter().any(|other| other.seq < seq && *other.name > *name),
        applied: entry.map(|entry| Applied {
            seq: entry.seq,
            batch: entry.batch,
            at: entry.applied_at,
            took_ms: entry.took_ms,
        }),
    }
}

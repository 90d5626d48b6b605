//! Why a command was refused or failed, in words for the person who typed it.

use sea_orm::DbErr;

use crate::plan::Direction;

/// Why a command was refused or failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL is neither SQLite's nor PostgreSQL's.
    #[error("the database URL must start with `sqlite:` or `postgres:`")]
    UnknownDatabase,

    /// No step has this name.
    #[error("there is no {kind} `{name}`{}", nearest(.near))]
    UnknownName {
        /// What was looked for: a migration, a seeder.
        kind: &'static str,
        /// What was typed.
        name: String,
        /// Names that look like it, the nearest first.
        near: Vec<String>,
    },

    /// Several steps have a name that starts so.
    #[error("`{name}` may be any of these, so give more of the name:{}", list(.matches))]
    AmbiguousName {
        /// What was typed.
        name: String,
        /// All that it may be.
        matches: Vec<String>,
    },

    /// A step that was to be undone is not applied.
    #[error("`{0}` is not applied, so nothing was done")]
    NotApplied(String),

    /// More steps were to be undone than are applied.
    #[error(
        "only {applied} of the {asked} migrations that should be undone are applied, so nothing was done"
    )]
    NotSoMany {
        /// How many were to be undone.
        asked: usize,
        /// How many there are.
        applied: usize,
    },

    /// A migration that was to be undone says that it cannot be.
    #[error(
        "`{name}` cannot be undone: {reason}\n\
         Nothing was done. What to do instead: write a new migration that goes forward to what you want \
         (`migrate create NAME`), or restore a backup from before this one was applied."
    )]
    Irreversible {
        /// The migration.
        name: String,
        /// Why, in its own words.
        reason: &'static str,
    },

    /// Applied migrations were edited since.
    #[error(
        "these migrations were changed after they had been applied here:{}\n\
         Undo the change, or accept it with `migrate repair` if the database already agrees with it.",
        list(.0)
    )]
    Changed(Vec<String>),

    /// Applied migrations are not among those that this program knows.
    #[error(
        "these migrations are applied, but this program does not know them, so nothing was done:{}\n\
         Use the release that has them.",
        list(.0)
    )]
    Missing(Vec<String>),

    /// Someone else migrated between the plan and its execution.
    #[error("the database was migrated by someone else in the meantime; nothing was done, please look again")]
    PlanOutdated,

    /// A statement of a migration failed.
    #[error(
        "{direction} of `{name}` failed and {}\n  statement: {statement}\n  database:  {source}",
        left_behind(*.rolled_back)
    )]
    Failed {
        /// The migration.
        name: String,
        /// Which way it went.
        direction: Direction,
        /// The SQL.
        statement: String,
        /// Whether the transaction could be rolled back; some migrations must run without one.
        rolled_back: bool,
        /// What the database said.
        source: DbErr,
    },

    /// A migration left rows that point to nothing.
    #[error("{direction} of `{name}` was rolled back: it leaves rows in `{table}` that point to nothing")]
    DanglingReferences {
        /// The migration.
        name: String,
        /// Which way it went.
        direction: Direction,
        /// The table with those rows.
        table: String,
    },

    /// The database cannot be reached, or answers with an error.
    #[error("the database refused: {0}")]
    Database(#[from] DbErr),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("\n  {name}")).collect()
}

fn nearest(near: &[String]) -> String {
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean one of these?{}", list(near))
    }
}

fn left_behind(rolled_back: bool) -> &'static str {
    if rolled_back {
        "left nothing behind"
    } else {
        "runs outside a transaction: what it did before this statement stays"
    }
}

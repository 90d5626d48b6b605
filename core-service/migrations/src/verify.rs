//! Compares the schema of a database with the one that its migrations give.
//!
//! The other one is made for the purpose: on SQLite in memory, on PostgreSQL in a schema of its own, inside a
//! transaction that is rolled back.

use std::fmt;

use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};

use crate::database::{self, Database};
use crate::dump::{self, Dump};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::migration::Migration;
use crate::plan::{Direction, migration_of};

/// The PostgreSQL schema that exists for the length of one comparison.
const SCRATCH: &str = "migrations_verify";

/// What is different, object by object. Shown as text, it says what to make of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences(Vec<Difference>);

#[derive(Debug, PartialEq, Eq)]
struct Difference {
    object: String,
    lacking: Vec<String>,
    extra: Vec<String>,
}

impl Differences {
    /// Whether the database is as its migrations say.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn between(database: &Dump, migrations: &Dump) -> Self {
        let mut objects: Vec<_> = database.keys().chain(migrations.keys()).collect();
        objects.sort_unstable();
        objects.dedup();
        let differences = objects.into_iter().map(|object| Difference {
            object: object.clone(),
            lacking: only_in(migrations, database, object),
            extra: only_in(database, migrations, object),
        });
        Self(
            differences
                .filter(|d| !d.lacking.is_empty() || !d.extra.is_empty())
                .collect(),
        )
    }
}

fn only_in(one: &Dump, other: &Dump, object: &str) -> Vec<String> {
    let other = other.get(object);
    let details = one.get(object).into_iter().flatten();
    details
        .filter(|detail| !other.is_some_and(|other| other.contains(*detail)))
        .cloned()
        .collect()
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "- the migrations make it, but the database lacks it")?;
        write!(f, "+ the database has it, but no migration makes it")?;
        for Difference {
            object,
            lacking,
            extra,
        } in &self.0
        {
            write!(f, "\n{object}")?;
            for (sign, details) in [('-', lacking), ('+', extra)] {
                for detail in details {
                    write!(f, "\n  {sign} {detail}")?;
                }
            }
        }
        Ok(())
    }
}

/// Compares the database at this URL with what its applied migrations give.
pub(crate) async fn verify(url: &str, migrations: &[Migration]) -> Result<Differences, Error> {
    let connection = database::open_to_read(url).await?;
    let compared = compare(&connection, migrations).await;
    connection.close().await?;
    compared
}

async fn compare(connection: &DatabaseConnection, migrations: &[Migration]) -> Result<Differences, Error> {
    let entries = Ledger::MIGRATIONS.entries(connection).await?;
    let applied: Vec<_> = entries
        .iter()
        .filter_map(|entry| migration_of(&entry.name, migrations))
        .collect();
    if applied.len() < entries.len() {
        let unknown = entries.into_iter().map(|entry| entry.name);
        return Err(Error::Missing(
            unknown
                .filter(|name| migration_of(name, migrations).is_none())
                .collect(),
        ));
    }

    let found = dump::of(connection).await?;
    let expected = match Database::of(connection) {
        Database::Sqlite => {
            let scratch = database::open_to_read("sqlite::memory:").await?;
            let expected = build(&scratch, &applied).await;
            scratch.close().await?;
            expected?
        }
        Database::Postgres => {
            let scratch = connection.begin().await?;
            scratch
                .execute_unprepared(&format!("CREATE SCHEMA {SCRATCH}"))
                .await?;
            scratch
                .execute_unprepared(&format!("SET LOCAL search_path TO {SCRATCH}"))
                .await?;
            let expected = build(&scratch, &applied).await;
            scratch.rollback().await?;
            expected?
        }
    };
    Ok(Differences::between(&found, &expected))
}

/// Applies the migrations to an empty database, and looks at it.
async fn build(scratch: &impl ConnectionTrait, migrations: &[&Migration]) -> Result<Dump, Error> {
    for migration in migrations {
        for sql in migration.up().statements(Database::of(scratch)) {
            // Here everything happens in a transaction, and there are no rows to be gentle with.
            let done = scratch
                .execute_unprepared(&sql.replace("INDEX CONCURRENTLY", "INDEX"))
                .await;
            done.map_err(|source| Error::Failed {
                name: migration.name.to_owned(),
                direction: Direction::Up,
                statement: sql.to_owned(),
                rolled_back: true,
                source,
            })?;
        }
    }
    Ok(dump::of(scratch).await?)
}

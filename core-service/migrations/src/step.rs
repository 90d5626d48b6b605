//! One step of a plan: a migration goes up or down, and the ledger says so.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use time::OffsetDateTime;

use crate::database::Database;
use crate::error::Error;
use crate::ledger::{Entry, Ledger};
use crate::migration::Migration;
use crate::plan::{Direction, Step};
use crate::schema::Schema;
use crate::session::Session;

/// Where a step stands in the ledger.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Its place in the order of application.
    pub(crate) seq: i64,
    /// Which run it is a part of.
    pub(crate) batch: i64,
}

/// Runs one migration and writes the ledger, both or neither.
pub(crate) async fn take(
    step: &Step,
    migration: &Migration,
    session: &Session,
    place: Place,
) -> Result<(), Error> {
    let began = Instant::now();
    let schema = migration.schema(step.direction);
    let database = session.database();
    let alone = schema.is_outside_transaction(database);
    if alone {
        for sql in schema.statements(database) {
            session
                .execute_alone(sql)
                .await
                .map_err(|source| failed(step, sql, false, source))?;
        }
    }

    let tx = session.begin().await?;
    let outcome = async {
        if !alone {
            execute_all(&tx, &schema, step).await?;
        }
        refuse_dangling_references(&tx, step).await?;
        write_ledger(&tx, step, migration, place, began).await?;
        Ok(())
    }
    .await;
    match outcome {
        Ok(()) => Ok(tx.commit().await?),
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

async fn execute_all(tx: &DatabaseTransaction, schema: &Schema, step: &Step) -> Result<(), Error> {
    for sql in schema.statements(Database::of(tx)) {
        let done = tx.execute_unprepared(sql).await;
        done.map_err(|source| failed(step, sql, true, source))?;
    }
    Ok(())
}

fn failed(step: &Step, sql: &str, rolled_back: bool, source: DbErr) -> Error {
    Error::Failed {
        name: step.name.clone(),
        direction: step.direction,
        statement: sql.to_owned(),
        rolled_back,
        source,
    }
}

/// SQLite does not check references while a migration runs, so that tables may be rebuilt; so it is done here.
async fn refuse_dangling_references(tx: &DatabaseTransaction, step: &Step) -> Result<(), Error> {
    if Database::of(tx) == Database::Postgres {
        return Ok(());
    }
    let check = Statement::from_string(tx.get_database_backend(), "PRAGMA foreign_key_check");
    match tx.query_one_raw(check).await? {
        None => Ok(()),
        Some(row) => Err(Error::DanglingReferences {
            name: step.name.clone(),
            direction: step.direction,
            table: row.try_get_by_index(0)?,
        }),
    }
}

async fn write_ledger(
    tx: &DatabaseTransaction,
    step: &Step,
    migration: &Migration,
    place: Place,
    began: Instant,
) -> Result<(), DbErr> {
    match step.direction {
        Direction::Down => {
            Ledger::MIGRATIONS.delete(tx, migration.name).await?;
            // With the first migration the rows of all seeders are gone, so that they may run again.
            if Ledger::MIGRATIONS.entries(tx).await?.is_empty() {
                Ledger::SEEDS.clear(tx).await?;
            }
            Ok(())
        }
        Direction::Up => {
            let entry = Entry {
                seq: place.seq,
                name: migration.name.to_owned(),
                batch: place.batch,
                checksum: migration.checksum(),
                applied_at: OffsetDateTime::now_utc(),
                took_ms: began.elapsed().as_millis().try_into().unwrap_or(i64::MAX),
            };
            Ledger::MIGRATIONS.insert(tx, &entry).await
        }
    }
}

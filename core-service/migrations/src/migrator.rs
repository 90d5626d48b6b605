//! Runs the migrations against one database.

use std::time::Instant;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};
use time::OffsetDateTime;

use crate::{
    ALL,
    database::{self, Database, Keys},
    error::Error,
    ledger::{Entry, Ledger},
    migration::Migration,
    plan::{self, Direction, Order, Plan, Step},
    schema::Schema,
    session::{Event, Listener, Session},
};

/// The migrations, and the database that they are for.
#[derive(Debug, Clone)]
pub struct Migrator<'a> {
    url: &'a str,
    migrations: &'a [Migration],
}

impl<'a> Migrator<'a> {
    /// The project's migrations, for the database at this URL.
    pub fn new(url: &'a str) -> Self {
        Self { url, migrations: ALL }
    }

    /// Other migrations, sorted by name: a test brings its own.
    pub fn with(url: &'a str, migrations: &'a [Migration]) -> Self {
        Self { url, migrations }
    }

    /// What an order would do, without doing it.
    pub async fn plan(&self, order: &Order) -> Result<Plan, Error> {
        let connection = database::open_to_read(self.url).await?;
        let entries = Ledger::MIGRATIONS.entries(&connection).await?;
        connection.close().await?;
        Plan::new(order, self.migrations, &entries)
    }

    /// Does what was ordered. Where someone has agreed to a plan, it does that or nothing.
    pub async fn run(
        &self,
        order: &Order,
        agreed: Option<&Plan>,
        listener: Listener<'_>,
    ) -> Result<Plan, Error> {
        let session = Session::open(self.url, Keys::CheckedAtTheEnd, listener).await?;
        let done = self.run_alone(&session, order, agreed, listener).await;
        // Steps that were done before one failed stay done.
        session.close().await?;
        done
    }

    async fn run_alone(
        &self,
        session: &Session,
        order: &Order,
        agreed: Option<&Plan>,
        listener: Listener<'_>,
    ) -> Result<Plan, Error> {
        let tx = session.begin().await?;
        Ledger::MIGRATIONS.create(&tx).await?;
        let entries = Ledger::MIGRATIONS.entries(&tx).await?;
        tx.commit().await?;

        let plan = Plan::new(order, self.migrations, &entries)?;
        if agreed.is_some_and(|agreed| *agreed != plan) {
            return Err(Error::PlanOutdated);
        }
        let mut seq = entries.iter().map(|entry| entry.seq).max().unwrap_or(0);
        let batch = entries.iter().map(|entry| entry.batch).max().unwrap_or(0) + 1;
        for step in &plan.steps {
            let migration =
                plan::migration_of(&step.name, self.migrations).expect("the plan names only known ones");
            seq += 1;
            listener(Event::Started(step));
            let began = Instant::now();
            take_step(session, migration, step, seq, batch).await?;
            listener(Event::Finished(step, began.elapsed()));
        }
        Ok(plan)
    }
}

/// Runs one migration and writes the ledger, both or neither.
async fn take_step(
    session: &Session,
    migration: &Migration,
    step: &Step,
    seq: i64,
    batch: i64,
) -> Result<(), Error> {
    let began = Instant::now();
    let schema = match step.direction {
        Direction::Up => migration.up(),
        Direction::Down => migration.down(),
    };
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
        write_ledger(&tx, migration, step.direction, seq, batch, began).await?;
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
    migration: &Migration,
    direction: Direction,
    seq: i64,
    batch: i64,
    began: Instant,
) -> Result<(), DbErr> {
    match direction {
        Direction::Down => Ledger::MIGRATIONS.delete(tx, migration.name).await,
        Direction::Up => {
            let entry = Entry {
                seq,
                name: migration.name.to_owned(),
                batch,
                checksum: migration.checksum(),
                applied_at: OffsetDateTime::now_utc(),
                took_ms: began.elapsed().as_millis().try_into().unwrap_or(i64::MAX),
            };
            Ledger::MIGRATIONS.insert(tx, &entry).await
        }
    }
}

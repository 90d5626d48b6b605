//! Runs the migrations against one database.

use std::time::Instant;

use crate::ALL;
use crate::database::{Database, Keys};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::migration::Migration;
use crate::plan::{self, Order, Plan, Step};
use crate::session::{Event, Listener, Session};
use crate::status::{self, Standing};
use crate::step::{Place, take};
use crate::verify::{self, Differences};

/// The migrations, and the database that they are for.
#[derive(Debug, Clone)]
pub struct Migrator<'a> {
    url: &'a str,
    migrations: &'a [Migration],
}

impl<'a> Migrator<'a> {
    /// The project's migrations, for the database at this URL.
    pub fn new(url: &'a str) -> Self {
        Self::with(url, ALL)
    }

    /// Other migrations, sorted by name: a test brings its own.
    pub fn with(url: &'a str, migrations: &'a [Migration]) -> Self {
        Self { url, migrations }
    }

    /// What an order would do, without doing it.
    pub async fn plan(&self, order: &Order) -> Result<Plan, Error> {
        Plan::new(order, self.migrations, &Ledger::MIGRATIONS.read(self.url).await?)
    }

    /// The SQL of a plan, as the database would read it.
    pub fn script(&self, plan: &Plan) -> Result<String, Error> {
        let database = Database::of_url(self.url)?;
        let mut script = String::new();
        for step in &plan.steps {
            let schema = self.migration(step).schema(step.direction);
            let alone = schema.is_outside_transaction(database);
            let alone = if alone { ", outside a transaction" } else { "" };
            script += &format!("-- {} {}{alone}\n", step.direction, step.name);
            for statement in schema.statements(database) {
                script += &format!("{statement};\n");
            }
        }
        Ok(script)
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
        let closed = session.close().await;
        done.and_then(|plan| Ok(closed.map(|()| plan)?))
    }

    /// What the database says of each migration.
    pub async fn status(&self) -> Result<Vec<Standing>, Error> {
        Ok(status::of(
            self.migrations,
            &Ledger::MIGRATIONS.read(self.url).await?,
        ))
    }

    /// Compares the schema of the database with the one that its migrations give.
    pub async fn verify(&self) -> Result<Differences, Error> {
        verify::verify(self.url, self.migrations).await
    }

    /// Accepts that applied migrations are now what the program says. Which ones were not.
    pub async fn repair(&self, listener: Listener<'_>) -> Result<Vec<String>, Error> {
        let session = Session::open(self.url, Keys::CheckedAtTheEnd, listener).await?;
        let repaired = self.repair_alone(&session).await;
        let closed = session.close().await;
        repaired.and_then(|names| Ok(closed.map(|()| names)?))
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
        let last = entries.iter().map(|entry| entry.seq).max().unwrap_or(0);
        let batch = entries.iter().map(|entry| entry.batch).max().unwrap_or(0) + 1;
        for (step, seq) in plan.steps.iter().zip(last + 1..) {
            listener(Event::Started(step));
            let began = Instant::now();
            take(step, self.migration(step), session, Place { seq, batch }).await?;
            listener(Event::Finished(step, began.elapsed()));
        }
        Ok(plan)
    }

    async fn repair_alone(&self, session: &Session) -> Result<Vec<String>, Error> {
        let tx = session.begin().await?;
        let entries = Ledger::MIGRATIONS.entries(&tx).await?;
        let changed = plan::changed(self.migrations, &entries);
        for migration in changed
            .iter()
            .filter_map(|name| plan::migration_of(name, self.migrations))
        {
            Ledger::MIGRATIONS
                .set_checksum(&tx, migration.name, &migration.checksum())
                .await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    fn migration(&self, step: &Step) -> &Migration {
        plan::migration_of(&step.name, self.migrations).expect("a plan names only migrations that are known")
    }
}

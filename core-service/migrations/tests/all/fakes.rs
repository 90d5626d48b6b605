//! Migrations of a small invented project, and a migrator that is easy to talk to.

use migrations::{Error, Migration, Migrator, Order, Schema, State};
use sea_orm::{ConnectionTrait, Database, Statement};
use test_kit::TestDatabase;

pub const PLANETS: Migration = creates(
    "20250101000000-create-planets",
    |schema| {
        schema.sql("CREATE TABLE planets (id bigint PRIMARY KEY, name text NOT NULL)");
    },
    |schema| schema.sql("DROP TABLE planets"),
);

pub const MOONS: Migration = creates(
    "20250102000000-create-moons",
    |schema| {
        schema.sql(
            "CREATE TABLE moons (id bigint PRIMARY KEY, planet_id bigint NOT NULL REFERENCES planets (id))",
        );
    },
    |schema| schema.sql("DROP TABLE moons"),
);

pub const RINGS: Migration = creates(
    "20250103000000-create-rings",
    |schema| {
        schema.sql("CREATE TABLE rings (id bigint PRIMARY KEY)");
    },
    |schema| schema.sql("DROP TABLE rings"),
);

/// A migration with a name.
pub const fn creates(name: &'static str, up: fn(&mut Schema), down: fn(&mut Schema)) -> Migration {
    Migration { name, up, down }
}

/// A database with a migrator for it, whose migrations can be exchanged as releases do.
pub struct Fake {
    pub database: TestDatabase,
}

impl Fake {
    /// An empty database.
    pub async fn new() -> Self {
        Self {
            database: TestDatabase::new().await,
        }
    }

    /// A database to which these migrations are applied.
    pub async fn with(migrations: &[Migration]) -> Self {
        let fake = Self::new().await;
        fake.run(migrations, Order::Up)
            .await
            .expect("migrations that can be applied");
        fake
    }

    /// Carries out an order. What was done.
    pub async fn run(&self, migrations: &[Migration], order: Order) -> Result<Vec<String>, Error> {
        let plan = Migrator::with(self.database.url(), migrations)
            .run(&order, None, &mut |_| ())
            .await?;
        Ok(plan
            .steps
            .iter()
            .map(|step| format!("{} {}", step.direction, step.name))
            .collect())
    }

    /// The text of the refusal of an order.
    pub async fn refusal(&self, migrations: &[Migration], order: Order) -> String {
        self.run(migrations, order)
            .await
            .expect_err("a refusal")
            .to_string()
    }

    /// The names of what is applied, in the order of application.
    pub async fn applied(&self) -> Vec<String> {
        let mut applied = Migrator::with(self.database.url(), &[])
            .status()
            .await
            .expect("a status");
        applied.sort_by_key(|standing| standing.applied.as_ref().map(|applied| applied.seq));
        applied.into_iter().map(|standing| standing.name).collect()
    }

    /// The state of each migration.
    pub async fn states(&self, migrations: &[Migration]) -> Vec<(String, State)> {
        let standings = Migrator::with(self.database.url(), migrations)
            .status()
            .await
            .expect("a status");
        standings
            .into_iter()
            .map(|standing| (standing.name, standing.state))
            .collect()
    }

    /// Whether there is such a table.
    pub async fn has_table(&self, table: &str) -> bool {
        self.number(&format!("SELECT count(*) FROM {table}"))
            .await
            .is_some()
    }

    /// Runs a statement.
    pub async fn execute(&self, sql: &str) {
        let connection = Database::connect(self.database.url())
            .await
            .expect("a connection");
        connection
            .execute_unprepared(sql)
            .await
            .expect("a statement that works");
        connection.close().await.expect("a closed connection");
    }

    /// The number that a query finds; none where the query does not work.
    pub async fn number(&self, sql: &str) -> Option<i64> {
        let connection = Database::connect(self.database.url())
            .await
            .expect("a connection");
        let row = connection
            .query_one_raw(Statement::from_string(connection.get_database_backend(), sql))
            .await;
        connection.close().await.expect("a closed connection");
        row.ok()??.try_get_by_index(0).ok()
    }
}

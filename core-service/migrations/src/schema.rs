//! What a migration does, as data: a list of statements that can be rendered for each database.
//!
//! A dry run, a checksum and the answer to "can this be undone?" are then simply readings of that list.

use sea_orm::StatementBuilder;

use crate::Database;

/// What one direction of a migration does; a migration's `up` and `down` fill it.
#[derive(Debug, Default)]
pub struct Schema {
    statements: Vec<(Database, String)>,
    outside_transaction: bool,
    irreversible: Option<&'static str>,
}

impl Schema {
    /// Adds a statement that is written with the typed builders and rendered for each database.
    pub fn run<S: StatementBuilder>(&mut self, statement: &S) {
        for database in Database::ALL {
            self.only(database, database.backend().build(statement).to_string());
        }
    }

    /// Adds a statement in SQL that both databases read alike, where the builders have no word for it.
    pub fn sql(&mut self, sql: &str) {
        for database in Database::ALL {
            self.only(database, sql);
        }
    }

    /// Adds a statement in SQL for one database; write one for the other too, or say why it needs none.
    pub fn only(&mut self, database: Database, sql: impl Into<String>) {
        self.statements.push((database, sql.into()));
    }

    /// Asks PostgreSQL to run this outside a transaction, as `CREATE INDEX CONCURRENTLY` must be.
    ///
    /// Nothing can be rolled back then: use it for a single statement, written so that it can be repeated.
    pub fn outside_transaction(&mut self) {
        self.outside_transaction = true;
    }

    /// Declares that this cannot be undone, and why.
    pub fn irreversible(&mut self, reason: &'static str) {
        self.irreversible = Some(reason);
    }

    /// Whether it does nothing and says nothing.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.irreversible.is_none()
    }

    /// The statements for one database, in order.
    pub(crate) fn statements(&self, database: Database) -> impl Iterator<Item = &str> {
        self.statements
            .iter()
            .filter(move |(of, _)| *of == database)
            .map(|(_, sql)| sql.as_str())
    }

    /// Whether it must run outside a transaction on this database; SQLite needs that for nothing.
    pub(crate) fn is_outside_transaction(&self, database: Database) -> bool {
        self.outside_transaction && database == Database::Postgres
    }

    /// Why it cannot be undone, if so.
    pub(crate) fn irreversible_because(&self) -> Option<&'static str> {
        self.irreversible
    }
}

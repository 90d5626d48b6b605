//! The database, for commands that work on what is in it.

use anyhow::{Context, ensure};
use migrations::{Migrator, Order};

use super::console::count;
use crate::database::Database;
use crate::settings::DatabaseSettings;

/// Opens the database, whose schema has to be the newest.
pub(super) async fn open(settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let pending = Migrator::new(&settings.url).plan(&Order::Up).await;
    let pending = pending
        .context("the schema of the database cannot be checked")?
        .steps;
    ensure!(
        pending.is_empty(),
        "the schema of the database is not the newest ({}): run `core-service migrate up` first",
        count(pending.len(), "pending migration")
    );
    let database = Database::connect(&settings.url, settings.connections).await;
    database.context("the database cannot be opened")
}

//! The database, for commands that work on the catalogue.

use anyhow::{Context, ensure};
use migrations::{Migrator, Order};

use crate::database::Database;
use crate::settings::DatabaseSettings;

/// Opens the database, whose schema has to be the newest.
pub(super) async fn open(settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let pending = Migrator::new(&settings.url).plan(&Order::Up).await;
    let pending = pending.context("the database cannot be opened")?.steps.len();
    ensure!(
        pending == 0,
        "the database is not ready: {pending} migrations are pending; run `core-service migrate up` first"
    );
    let database = Database::connect(&settings.url, settings.connections).await;
    database.context("the database cannot be opened")
}

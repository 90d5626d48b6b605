//! Reads a schema back from a database, in words that can be compared.

mod postgres;
mod sqlite;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use crate::database::Database;
use crate::ledger::Ledger;

/// What there is, object by object, each with its details. The order of columns does not matter: migrations
/// that were merged late add theirs at another place.
pub type Dump = BTreeMap<String, BTreeSet<String>>;

/// The schema of a database, without the ledgers.
pub async fn of(db: &impl ConnectionTrait) -> Result<Dump, DbErr> {
    let details = match Database::of(db) {
        Database::Sqlite => sqlite::details(db).await?,
        Database::Postgres => postgres::details(db).await?,
    };
    let mut dump = Dump::new();
    for (object, detail) in details {
        if !Ledger::TABLES.contains(&object.as_str()) {
            dump.entry(object).or_default().insert(detail);
        }
    }
    Ok(dump)
}

//! The schema, one change per file, in the order in which the project made them.
//!
//! The migrations are the files in this crate's own folder, `20250818150000-create-users.rs` and so on; each
//! says in `up` and `down` what it does, as data ([`Schema`]). Everything in `src` only reads that data: it
//! renders it for SQLite or PostgreSQL, plans with it, hashes it, prints it or runs it.

mod columns;
pub mod create;
mod database;
mod dump;
mod error;
pub mod folder;
mod ledger;
mod migration;
mod migrator;
pub mod names;
mod plan;
mod prelude;
mod schema;
mod session;
mod status;
mod step;
mod verify;

pub use database::{Database, Keys};
pub use error::Error;
pub use ledger::{Entry, Ledger};
pub use migration::Migration;
pub use migrator::Migrator;
pub use plan::{Direction, Order, Plan, Step};
pub use schema::Schema;
pub use session::{Event, Listener, Session};
pub use status::{Applied, Standing, State};
pub use verify::Differences;

include!(concat!(env!("OUT_DIR"), "/all.rs"));

/// Brings the database at this URL to the newest schema, and creates it first if it is SQLite's.
pub async fn up(url: &str) -> Result<(), Error> {
    Migrator::new(url).run(&Order::Up, None, &mut |_| ()).await?;
    Ok(())
}

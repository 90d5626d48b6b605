//! Every query of the core, and nothing else. Whose data it is stands in the signature and in the
//! query itself, never in a check afterwards.

pub mod book_import;
pub mod books;
pub mod changes;
pub mod comments;
pub mod counts;
pub mod follows;
mod hot;
pub mod idempotency;
pub mod identities;
pub mod likes;
pub mod moderations;
pub mod orders;
pub mod posts;
pub mod sessions;
pub mod tags;
pub mod users;

//! What tests share: a fake core, test databases, redactions.

mod databases;

pub use databases::TestDatabase;

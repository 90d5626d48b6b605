//! What tests share: a fake core that does what it is told, a client that says what it got, test databases.

pub mod client;
mod databases;
pub mod fake_core;
pub mod status;

pub use databases::TestDatabase;

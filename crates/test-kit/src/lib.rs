//! What tests share: a fake core that does what it is told, a client that says what it got, an OpenID
//! provider, test databases.

pub mod client;
mod databases;
pub mod fake_core;
pub mod openid_provider;
pub mod status;

pub use databases::TestDatabase;

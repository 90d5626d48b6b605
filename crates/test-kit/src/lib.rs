//! What tests share: a fake core that does what it is told, a client that says what it got or hears, an OpenID
//! provider, test databases.

pub mod client;
mod databases;
pub mod events;
pub mod fake_core;
pub mod openid_provider;
pub mod status;

pub use databases::TestDatabase;

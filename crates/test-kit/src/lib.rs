//! What tests share: a fake core that does what it is told, a client that says what it got or hears, an OpenID
//! provider, test databases, and whether one thing takes longer than another.

pub mod client;
mod databases;
pub mod events;
pub mod fake_core;
pub mod openid_provider;
pub mod status;
pub mod timing;

pub use databases::{Held, TestDatabase, on_postgres};

/// How much of something a test does: enough for every run, or as much as a night has time for where `SOAK` is set.
pub fn size(every_run: usize, soak: usize) -> usize {
    let soaks = std::env::var_os("SOAK").is_some_and(|word| !word.is_empty());
    if soaks { soak } else { every_run }
}

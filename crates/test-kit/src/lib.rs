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

/// How much of something a test does: enough for every run, or as much as a night has time for where `SOAK` is 1, or such
/// a share of that (`SOAK=0.05` is a twentieth), where that is more.
pub fn size(every_run: usize, soak: usize) -> usize {
    let share = std::env::var("SOAK").ok().filter(|word| !word.is_empty());
    let Some(share) = share else { return every_run };
    let share: f64 = share.parse().expect("`SOAK` is a number, such as 1 or 0.05");
    every_run.max((soak as f64 * share) as usize)
}

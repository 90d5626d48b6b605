//! The feed of changes under faults: cores and databases are killed while many write. Nothing that was acknowledged may
//! be missing, nothing may come twice, and no number may be left out.
//!
//! `SOAK=1` makes the tests longer (see CONTRIBUTING.md).

#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

mod careless;
mod cores;
mod kills;
mod late;
mod postgres;
mod world;

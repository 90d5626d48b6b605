//! The real processes together: a harness that starts a whole cluster for one test, and speaks to it as its
//! clients and operators do.
//!
//! The programs lie beside the test executables, where `cargo nextest run --workspace` builds them.

mod cluster;
mod ports;
mod program;

pub use cluster::{Account, Changed, Cluster, Newcomer, READER, STAFF};
pub use ports::eight as eight_ports;
pub use program::{Program, binary, eventually, is_ready};

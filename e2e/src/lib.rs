//! The real processes together: a harness that starts a whole cluster for one test, and speaks to it as its
//! clients and operators do.
//!
//! The programs lie beside the test executables, where `cargo nextest run --workspace` builds them.

mod badge;
mod cluster;
mod line;
mod ports;
mod program;

pub use badge::Badge;
pub use cluster::{Account, Changed, Cluster, Newcomer, READER, STAFF};
pub use line::Line;
pub use ports::eight as eight_ports;
pub use program::{Program, binary, eventually, in_time, is_ready};

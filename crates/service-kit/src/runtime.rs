//! What runs a process's tasks.

use std::{env, io, num::NonZero, thread::available_parallelism};

use tokio::runtime::{Builder, Runtime};

/// How many threads tokio's runtime has, where somebody wants others than it would have: a number.
const WORKERS: &str = "TOKIO_WORKER_THREADS";

/// A runtime with a thread for each core that this process may use. Where that is one, it is the thread that waits for the
/// end: one beside it, ready to share what there is to do with others, would cost a sixth to a quarter more (docs/adr/0017).
pub fn new() -> io::Result<Runtime> {
    let wanted = env::var(WORKERS).ok().and_then(|number| number.parse().ok());
    let workers = wanted.unwrap_or_else(|| available_parallelism().map_or(1, NonZero::get));
    let mut builder = match workers {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}

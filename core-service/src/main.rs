//! The core of the cluster: the business of the bookshop, its data, and the commands that keep them.

use std::process::ExitCode;

/// Faster than the system's for what servers do: many small things, all at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(
    clippy::print_stderr,
    reason = "the log may not have started yet, or may not be for people"
)]
fn main() -> ExitCode {
    let runtime = service_kit::runtime::new().map_err(anyhow::Error::from);
    match runtime.and_then(|runtime| runtime.block_on(core_service::cli::run())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", core_service::cli::told(&error));
            ExitCode::FAILURE
        }
    }
}

//! What a screen costs, measured: the real processes under load, beside nginx and gateways of others.
//! `cargo xtask bench` builds all that this needs and runs it; `docs/performance.md` tells what came out.
#![expect(clippy::print_stdout, reason = "this is a program for the terminal")]

mod memory_core;
mod run;

use std::net::SocketAddr;

use clap::Parser;

/// Faster than the system's for what servers do: many small things, all at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a screen costs, measured.
#[derive(Parser)]
enum Cli {
    /// Run the cases.
    Run(run::Options),
    /// Answer what gateways ask from memory.
    MemoryCore {
        /// Where gateways reach it.
        #[arg(long)]
        listen: SocketAddr,
    },
}

fn main() -> anyhow::Result<()> {
    let runtime = service_kit::runtime::new()?;
    match Cli::parse() {
        Cli::Run(options) => runtime.block_on(run::run(options)),
        Cli::MemoryCore { listen } => runtime.block_on(memory_core::serve(listen)),
    }
}

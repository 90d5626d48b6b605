//! The project's own tasks. `cargo xtask help` lists them.

mod codegen;

use clap::{Parser, Subcommand};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate `proto/src/generated` from the .proto files.
    Codegen,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Codegen => codegen::run(),
    }
}

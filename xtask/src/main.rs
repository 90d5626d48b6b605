//! The project's own tasks. `cargo xtask help` lists them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for the terminal"
)]

mod bench;
mod ci;
mod codegen;
mod contracts;
mod fuzz;
mod node;
mod openapi;
mod postgres;
mod process;
mod test;
mod up;
mod workspace;

use std::process::ExitCode;

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
    /// Start the whole cluster: build, migrate, seed, run all four processes until Ctrl-C.
    Up(up::Options),
    /// Test everything, on SQLite and on PostgreSQL.
    Test {
        /// Arguments for both runs of nextest, after `--`.
        #[arg(last = true)]
        nextest: Vec<String>,
    },
    /// Send the gateways thousands of requests that are made from their OpenAPI documents.
    Fuzz(fuzz::Options),
    /// What has to pass before a change lands: format, lints, licences, documentation, tests.
    Ci,
    /// Measure what a screen costs, beside nginx and gateways of others.
    Bench(bench::Options),
    /// Generate `proto/src/generated` from the .proto files.
    Codegen,
    /// Write the `openapi.json` of each gateway.
    Openapi,
    /// Write the typed client of each gateway, `clients/*/sdk/src`, from its `openapi.json`.
    Sdk,
    /// Check the contracts: style, breaks since the last release, and the SDKs.
    Contracts,
    /// Make the contracts of today those that must not be broken: part of a release.
    ReleaseContracts,
    /// Write a Postman collection for each gateway, and run them against a cluster if asked to.
    Collections(contracts::collections::Options),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Up(options) => up::run(options).await,
        Task::Test { nextest } => test::run(&nextest).await,
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Ci => ci::run().await,
        Task::Bench(options) => bench::run(options).await,
        Task::Codegen => codegen::run(),
        Task::Openapi => openapi::run(),
        Task::Sdk => contracts::sdk::run(),
        Task::Contracts => contracts::check(),
        Task::ReleaseContracts => contracts::release(),
        Task::Collections(options) => contracts::collections::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

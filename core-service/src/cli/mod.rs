//! The command line of the core.

mod catalogue;
mod console;
mod export;
mod import;
mod migrate;
mod numbers;
mod seed;
mod serve;
mod users;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::settings::Settings;

/// The business of the bookshop with its reading room.
#[derive(Debug, Parser)]
#[command(name = "core-service", version)]
struct Cli {
    /// A file with settings that differ from the defaults.
    #[arg(long, value_name = "FILE", global = true)]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the gateways until SIGINT or SIGTERM (the default).
    Serve,
    /// Move the schema of the database forward and back.
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Add demo data, and take it away again.
    Seed(seed::Seed),
    /// Take things from a file into the database.
    #[command(subcommand)]
    Import(import::Import),
    /// Write things from the database into a file.
    #[command(subcommand)]
    Export(export::Export),
    /// See to the accounts of people.
    #[command(subcommand)]
    Users(users::Users),
    /// Ask the running core whether it is ready: exit code 0 or 1.
    Health,
}

/// Runs the command that the process was started with.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let settings = Settings::load(cli.settings.as_deref())?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(settings).await,
        Command::Migrate(command) => migrate::run(command, &settings.database.url).await,
        Command::Seed(seed) => seed::run(seed, &settings.database.url).await,
        Command::Import(what) => import::run(what, settings).await,
        Command::Export(what) => export::run(what, settings).await,
        Command::Users(what) => users::run(what, settings).await,
        Command::Health => Ok(service_kit::health::ask(settings.admin.listen).await?),
    }
}

/// An error and its causes in one line, each thing said once: many layers repeat what lies below them.
pub fn told(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        let cause = cause.to_string();
        match told.contains(&cause) {
            true => told,
            false if told.is_empty() => cause,
            false => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_layer_says_of_the_one_below_is_not_said_again() {
        let error = anyhow::anyhow!("no such file")
            .context("cannot read: no such file")
            .context("the map is not well");
        assert_eq!(told(&error), "the map is not well: cannot read: no such file");
    }
}

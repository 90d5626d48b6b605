//! `cargo xtask up`: the whole cluster from nothing, in one terminal.

mod certificates;
mod console;
mod ports;
mod roles;
mod secrets;
mod supervisor;
mod welcome;

use std::process::Command;

use anyhow::Context;
use clap::Args;

use crate::{process, workspace};
use console::Console;
use ports::Ports;
use supervisor::Cluster;

/// What of the cluster can be chosen.
#[derive(Args)]
pub struct Options {
    /// Database of the core: `sqlite://…` or `postgres://…`; an SQLite file in `.triptych/` by default.
    #[arg(long, env = "DATABASE_URL", value_name = "URL")]
    database_url: Option<String>,
    /// Ports of web, mobile and desktop (`8081,8082,8083`), with a fourth for the core; or one number, the
    /// first of eight ports in a row.
    #[arg(long, default_value = "8081,8082,8083", value_name = "PORTS")]
    ports: Ports,
    /// Build optimised programs.
    #[arg(long)]
    release: bool,
    /// Leave the demo data out.
    #[arg(long)]
    no_seed: bool,
    /// Run the programs that were built last.
    #[arg(long)]
    no_build: bool,
}

/// Starts everything and stays until it is asked to stop.
pub async fn run(options: Options) -> anyhow::Result<()> {
    options.ports.require_free()?;
    if !options.no_build {
        workspace::headline("build");
        workspace::build(options.release)?;
    }
    let database_url = match &options.database_url {
        Some(url) if !url.is_empty() => url.clone(),
        _ => own_database()?,
    };
    prepare(&options, &database_url)?;

    workspace::headline("start");
    let console = Console::new();
    let mut cluster = Cluster::start(
        roles::all(&options.ports, &database_url, options.release)?,
        &console,
    )?;
    let ready = tokio::select! {
        outcome = cluster.ready() => outcome.map(|()| true),
        outcome = process::asked_to_stop() => outcome.map(|()| false).context("listening for signals"),
    };
    let outcome = match ready {
        Ok(true) => {
            console.say(&welcome::text(&options.ports, &database_url, !options.no_seed));
            cluster.keep_running().await
        }
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    console.say("stopping …");
    cluster.stop().await;
    console.say("stopped");
    outcome
}

/// The database file of `up`: it stays, so that the next start goes on with the same data.
fn own_database() -> anyhow::Result<String> {
    let file = workspace::own_folder()?.join("triptych.db");
    Ok(format!("sqlite://{}?mode=rwc", file.display()))
}

/// Brings the schema up to date, and the demo data in.
fn prepare(options: &Options, database_url: &str) -> anyhow::Result<()> {
    let core = workspace::binary("core-service", options.release)?;
    let steps: &[&[&str]] = if options.no_seed {
        &[&["migrate", "up"]]
    } else {
        &[&["migrate", "up"], &["seed"]]
    };
    for step in steps {
        workspace::headline(&step.join(" "));
        workspace::run(Command::new(&core).args(*step).env("DATABASE_URL", database_url))?;
    }
    Ok(())
}

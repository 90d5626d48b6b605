//! `core-service seed …`.

use anyhow::anyhow;
use clap::Subcommand;
use migrations::{Direction, create};
use time::OffsetDateTime;

use super::console::{Progress, agree, count, say, table};
use super::migrate::{minute, word};
use crate::seeds::{Order, Seeds};

/// Where the seeders are, in the source tree.
const FOLDER: &str = "core-service/seeders";

/// What a new seeder begins as.
const TEMPLATE: &str = include_str!("../../seeders/seeder.template");

/// Adds demo data, and takes it away again.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Seed {
    /// Run this seeder again, after undoing it where it ran already.
    #[arg(long, value_name = "NAME")]
    again: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Undo all seeders, the newest first, or only one.
    Undo {
        /// Undo only this one.
        name: Option<String>,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// List all seeders: applied, pending, changed since, missing here.
    Status,
    /// Write a new seeder into the source tree.
    Create {
        /// What it adds, such as `demo-orders`.
        name: String,
    },
}

/// Runs one of the commands.
pub(super) async fn run(seed: Seed, url: &str) -> anyhow::Result<()> {
    let seeds = Seeds::new(url);
    match (seed.command, seed.again) {
        (None, None) => up(&seeds, &Order::Up).await,
        (None, Some(name)) => up(&seeds, &Order::Again(name)).await,
        (Some(Command::Undo { name, yes }), _) => undo(&seeds, &Order::Undo(name), yes).await,
        (Some(Command::Status), _) => status(&seeds).await,
        (Some(Command::Create { name }), _) => create_file(&name),
    }
}

async fn up(seeds: &Seeds<'_>, order: &Order) -> anyhow::Result<()> {
    let mut progress = Progress::default();
    let done = seeds.run(order, None, &mut |event| progress.say(event)).await?;
    for step in done.iter().filter(|step| step.direction == Direction::Up) {
        if let Some(seeder) = seeds.seeder(step) {
            say(format_args!("\n{}", seeder.about));
        }
    }
    if done.is_empty() {
        say("Nothing to do: every seeder ran already (`seed --again NAME` runs one once more).");
    }
    Ok(())
}

async fn undo(seeds: &Seeds<'_>, order: &Order, yes: bool) -> anyhow::Result<()> {
    let plan = seeds.plan(order).await?;
    if plan.is_empty() {
        say("Nothing to do: no seeder ran here.");
        return Ok(());
    }
    if !yes {
        say("This will be undone, in this order:");
        for step in &plan {
            say(format_args!("  {}", step.name));
        }
        agree("the rows that these seeders added will be lost")?;
    }
    let mut progress = Progress::default();
    seeds
        .run(order, Some(&plan), &mut |event| progress.say(event))
        .await?;
    say(format_args!("{} undone.", count(plan.len(), "seeder")));
    Ok(())
}

async fn status(seeds: &Seeds<'_>) -> anyhow::Result<()> {
    let mut rows = vec![["SEEDER", "STATE", "APPLIED (UTC)"].map(str::to_owned)];
    for standing in seeds.status().await? {
        let at = standing.applied_at.map(minute).transpose()?;
        rows.push([
            standing.name,
            word(standing.state).to_owned(),
            at.unwrap_or_default(),
        ]);
    }
    table(&rows);
    Ok(())
}

fn create_file(name: &str) -> anyhow::Result<()> {
    let written = create::source_folder(FOLDER)
        .and_then(|folder| create::create(&folder, name, TEMPLATE, OffsetDateTime::now_utc()));
    say(format_args!(
        "wrote {}",
        written.map_err(|problem| anyhow!(problem))?.display()
    ));
    Ok(())
}

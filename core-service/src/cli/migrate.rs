//! `core-service migrate …`.

use anyhow::{anyhow, bail};
use clap::Subcommand;
use migrations::{Direction, Migrator, Order, Plan, Standing, State, create};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::console::{Progress, agree, count, say, table, warn};

/// Where the migrations are, in the source tree.
const FOLDER: &str = "core-service/migrations";

/// Moves the schema of the database forward and back.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Apply what is pending, in the order of the names.
    Up {
        /// Go as far as this migration.
        #[arg(long, value_name = "NAME", conflicts_with = "steps")]
        to: Option<String>,
        /// Apply so many.
        #[arg(long, value_name = "N")]
        steps: Option<usize>,
        /// Print the SQL and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Undo the migration that was applied last, or the last N.
    Undo {
        /// Undo so many.
        #[arg(long, value_name = "N", default_value_t = 1)]
        steps: usize,
        #[command(flatten)]
        how: How,
    },
    /// Undo everything, or everything that was applied after a migration.
    UndoAll {
        /// Undo what was applied after this one, which stays.
        #[arg(long, value_name = "NAME", conflicts_with = "through")]
        to: Option<String>,
        /// Undo what was applied after this one, and this one too.
        #[arg(long, value_name = "NAME")]
        through: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Undo the migration that was applied last, and apply it again.
    Redo {
        #[command(flatten)]
        how: How,
    },
    /// List all migrations: applied, pending, changed since, missing here.
    Status {
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Compare the schema of the database with the one that its migrations give; exit code 1 where they differ.
    Verify,
    /// Accept applied migrations that were changed since.
    Repair,
    /// Write a new migration into the source tree.
    Create {
        /// What it does, such as `add-language-to-books`.
        name: String,
    },
}

/// How to undo.
#[derive(Debug, clap::Args)]
pub(super) struct How {
    /// Print the SQL and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// Runs one of the commands.
pub(super) async fn run(command: Migrate, url: &str) -> anyhow::Result<()> {
    let migrator = Migrator::new(url);
    match command {
        Migrate::Up { to, steps, dry_run } => {
            let order = match (to, steps) {
                (Some(name), _) => Order::UpTo(name),
                (None, Some(steps)) => Order::UpSteps(steps),
                (None, None) => Order::Up,
            };
            if dry_run {
                print_script(&migrator, &order).await
            } else {
                up(&migrator, &order).await
            }
        }
        Migrate::Undo { steps, how } => undo(&migrator, &Order::Undo(steps), &how).await,
        Migrate::UndoAll { to, through, how } => {
            let order = match (to, through) {
                (Some(name), _) => Order::UndoTo(name),
                (None, Some(name)) => Order::UndoThrough(name),
                (None, None) => Order::UndoAll,
            };
            undo(&migrator, &order, &how).await
        }
        Migrate::Redo { how } => undo(&migrator, &Order::Redo, &how).await,
        Migrate::Status { json } => status(&migrator, json).await,
        Migrate::Verify => verify(&migrator).await,
        Migrate::Repair => repair(&migrator).await,
        Migrate::Create { name } => create_file(&name),
    }
}

async fn up(migrator: &Migrator<'_>, order: &Order) -> anyhow::Result<()> {
    let plan = migrator.plan(order).await?;
    warn_of(&plan);
    let mut progress = Progress::default();
    let done = migrator
        .run(order, None, &mut |event| progress.say(event))
        .await?;
    say(match done.steps.len() {
        0 => "Nothing to do: what was asked for is applied already.".to_owned(),
        steps => format!("{} applied.", count(steps, "migration")),
    });
    Ok(())
}

async fn undo(migrator: &Migrator<'_>, order: &Order, how: &How) -> anyhow::Result<()> {
    if how.dry_run {
        return print_script(migrator, order).await;
    }
    let plan = migrator.plan(order).await?;
    if plan.steps.is_empty() {
        say("Nothing to do: nothing is applied that should be undone.");
        return Ok(());
    }
    if !how.yes {
        say("This will be done, in this order:");
        for step in &plan.steps {
            say(format_args!("  {:<4}  {}", step.direction.to_string(), step.name));
        }
        agree("the data in what is undone will be lost")?;
    }
    let mut progress = Progress::default();
    migrator
        .run(order, Some(&plan), &mut |event| progress.say(event))
        .await?;
    let undone = plan
        .steps
        .iter()
        .filter(|step| step.direction == Direction::Down)
        .count();
    let again = if *order == Order::Redo {
        " and applied again"
    } else {
        ""
    };
    say(format_args!("{} undone{again}.", count(undone, "migration")));
    Ok(())
}

async fn print_script(migrator: &Migrator<'_>, order: &Order) -> anyhow::Result<()> {
    let plan = migrator.plan(order).await?;
    warn_of(&plan);
    let script = migrator.script(&plan)?;
    say(if script.is_empty() {
        "-- nothing to do"
    } else {
        script.trim_end()
    });
    Ok(())
}

fn warn_of(plan: &Plan) {
    for name in &plan.out_of_order {
        warn(format_args!(
            "warning: {name} is older than one that is applied; it was merged late"
        ));
    }
    for name in &plan.unknown {
        warn(format_args!(
            "warning: {name} is applied, but this program does not know it"
        ));
    }
}

async fn status(migrator: &Migrator<'_>, json: bool) -> anyhow::Result<()> {
    let standings = migrator.status().await?;
    if json {
        let list = standings
            .iter()
            .map(as_json)
            .collect::<anyhow::Result<Vec<_>>>()?;
        say(serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    let mut rows = vec![["MIGRATION", "STATE", "SEQ", "BATCH", "APPLIED (UTC)", "TOOK"].map(str::to_owned)];
    for standing in &standings {
        let state = if standing.out_of_order {
            ", out of order"
        } else {
            ""
        };
        let state = format!("{}{state}", word(standing.state));
        let mut row = [
            standing.name.clone(),
            state,
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ];
        if let Some(applied) = &standing.applied {
            row[2] = applied.seq.to_string();
            row[3] = applied.batch.to_string();
            row[4] = minute(applied.at)?;
            row[5] = format!("{} ms", applied.took_ms);
        }
        rows.push(row);
    }
    table(&rows);
    say(summary(&standings));
    Ok(())
}

fn summary(standings: &[Standing]) -> String {
    let number = |state| {
        standings
            .iter()
            .filter(|standing| standing.state == state)
            .count()
    };
    let counts = [State::Applied, State::Pending, State::Changed, State::Missing]
        .map(|state| (number(state), state))
        .into_iter()
        .filter(|(number, state)| *number > 0 || matches!(state, State::Applied | State::Pending))
        .map(|(number, state)| format!("{number} {}", word(state)));
    format!("\n{}", counts.collect::<Vec<_>>().join(", "))
}

/// A state in a word.
pub(super) fn word(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Pending => "pending",
        State::Changed => "changed",
        State::Missing => "missing",
    }
}

/// A moment, to the second.
pub(super) fn minute(at: OffsetDateTime) -> anyhow::Result<String> {
    Ok(at.format(format_description!(
        "[year]-[month]-[day] [hour]:[minute]:[second]"
    ))?)
}

fn as_json(standing: &Standing) -> anyhow::Result<serde_json::Value> {
    let applied = standing.applied.as_ref();
    Ok(json!({
        "name": standing.name,
        "state": word(standing.state),
        "outOfOrder": standing.out_of_order,
        "seq": applied.map(|applied| applied.seq),
        "batch": applied.map(|applied| applied.batch),
        "appliedAt": applied.map(|applied| applied.at.format(&Rfc3339)).transpose()?,
        "tookMs": applied.map(|applied| applied.took_ms),
    }))
}

async fn verify(migrator: &Migrator<'_>) -> anyhow::Result<()> {
    let differences = migrator.verify().await?;
    let applied = migrator
        .status()
        .await?
        .iter()
        .filter(|standing| standing.applied.is_some())
        .count();
    if differences.is_empty() {
        say(format_args!(
            "The schema is what its {} give.",
            count(applied, "applied migration")
        ));
        return Ok(());
    }
    say(&differences);
    bail!("the schema of the database is not the one that its migrations give")
}

async fn repair(migrator: &Migrator<'_>) -> anyhow::Result<()> {
    let mut progress = Progress::default();
    let repaired = migrator.repair(&mut |event| progress.say(event)).await?;
    for name in &repaired {
        say(format_args!("accepted  {name}"));
    }
    if repaired.is_empty() {
        say("Nothing to do: no applied migration was changed.");
    }
    Ok(())
}

fn create_file(name: &str) -> anyhow::Result<()> {
    let written = create::source_folder(FOLDER).and_then(|folder| {
        create::create(
            &folder,
            name,
            create::MIGRATION_TEMPLATE,
            OffsetDateTime::now_utc(),
        )
    });
    say(format_args!(
        "wrote {}",
        written.map_err(|problem| anyhow!(problem))?.display()
    ));
    Ok(())
}

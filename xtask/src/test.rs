//! Tests everything on SQLite, then what faces the database again on PostgreSQL.

use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::postgres::Postgres;
use crate::{contracts, fuzz, node, process, workspace};

/// How soon nextest ends by itself where it got the signal too.
const HEARD: Duration = Duration::from_secs(2);
/// How long it may take to end its tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs both rounds, with these arguments for nextest; the second also where the first fails.
pub async fn run(arguments: &[String]) -> anyhow::Result<()> {
    if !workspace::works(workspace::cargo().args(["nextest", "--version"])) {
        bail!("the tests run with cargo-nextest: `cargo install --locked cargo-nextest`");
    }
    node::install(
        "crates/test-kit/openid-provider",
        "the OpenID provider that the tests sign in with",
    )?;
    contracts::tools()?;
    fuzz::schemathesis()?;
    // Started before the first round, so that whoever lacks PostgreSQL learns it at once.
    let given = std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty());
    let private = if given.is_none() {
        Some(Postgres::start().await?)
    } else {
        None
    };
    let url = private.as_ref().map(Postgres::url).or(given).unwrap_or_default();

    let rounds = async {
        if arguments.is_empty() {
            workspace::headline("examples in the documentation, and what must not compile");
            workspace::run(workspace::cargo().args(["test", "--workspace", "--locked", "--doc", "--quiet"]))?;
        }
        workspace::headline("tests, on SQLite");
        let on_sqlite = nextest(&["--profile", "default"], arguments, "").await?;
        workspace::headline("tests that face the database, on PostgreSQL");
        // A filter among the arguments may leave nothing to this round.
        let on_postgres = nextest(&["--profile", "postgres", "--no-tests", "pass"], arguments, &url).await?;
        ensure!(on_sqlite && on_postgres, "{}", verdict(on_sqlite, on_postgres));
        Ok(())
    };
    let outcome = rounds.await;
    if let Some(server) = private {
        server.stop().await;
    }
    outcome
}

fn verdict(on_sqlite: bool, on_postgres: bool) -> &'static str {
    match (on_sqlite, on_postgres) {
        (false, true) => "tests failed on SQLite (see above); on PostgreSQL they passed",
        (true, false) => "tests failed on PostgreSQL; on SQLite they passed",
        _ => "tests failed on SQLite (see above) and on PostgreSQL",
    }
}

/// One round, with options and a profile of `.config/nextest.toml`. False where a test failed.
async fn nextest(options: &[&str], arguments: &[String], database_url: &str) -> anyhow::Result<bool> {
    let mut command = workspace::cargo();
    command
        .args(["nextest", "run", "--workspace", "--locked"])
        .args(options)
        .args(arguments);
    command.env("TEST_DATABASE_URL", database_url);
    let child = tokio::process::Command::from(command).spawn();
    let mut child: process::Child = Box::new(child.context("starting cargo")?);
    tokio::select! {
        status = child.wait() => Ok(status?.success()),
        // A terminal has told nextest as well: it ends the tests and sums up. Whoever told only this program
        // has it passed on.
        _ = process::asked_to_stop() => {
            if tokio::time::timeout(HEARD, child.wait()).await.is_err() {
                process::stop(&mut child, process::SIGTERM, PATIENCE).await;
            }
            bail!("stopped")
        }
    }
}

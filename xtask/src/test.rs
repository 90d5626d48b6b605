//! Tests everything on SQLite, then what faces the database again on PostgreSQL.

use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::postgres::Postgres;
use crate::{process, workspace};

/// How soon nextest ends by itself where it got the signal too.
const HEARD: Duration = Duration::from_secs(2);
/// How long it may take to end its tests.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs both rounds, with these arguments for nextest.
pub async fn run(arguments: &[String]) -> anyhow::Result<()> {
    if !workspace::works(workspace::cargo().args(["nextest", "--version"])) {
        bail!("the tests run with cargo-nextest: `cargo install --locked cargo-nextest`");
    }
    // Said before the first round, not after it: whoever lacks PostgreSQL learns it at once.
    let given = std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty());
    let private = if given.is_none() {
        Some(Postgres::start().await?)
    } else {
        None
    };

    let outcome = async {
        workspace::headline("tests, on SQLite");
        nextest("default", arguments, "").await?;
        let url = match &private {
            Some(server) => server.url(),
            None => given.unwrap_or_default(),
        };
        workspace::headline("tests that face the database, on PostgreSQL");
        nextest("postgres", arguments, &url).await
    };
    let outcome = outcome.await;
    if let Some(server) = private {
        server.stop().await;
    }
    outcome
}

/// One round, under a profile of `.config/nextest.toml`.
async fn nextest(profile: &str, arguments: &[String], database_url: &str) -> anyhow::Result<()> {
    let mut command = workspace::cargo();
    command
        .args(["nextest", "run", "--workspace", "--locked", "--profile", profile])
        .args(arguments);
    command.env("TEST_DATABASE_URL", database_url);
    let shown = workspace::shown(&command);
    let mut child: process::Child = Box::new(
        tokio::process::Command::from(command)
            .spawn()
            .with_context(|| format!("starting {shown}"))?,
    );
    tokio::select! {
        status = child.wait() => {
            let status = status?;
            ensure!(status.success(), "`{shown}` failed: {status}");
            Ok(())
        }
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

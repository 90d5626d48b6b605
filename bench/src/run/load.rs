//! Load: so many clients, each of whom asks again as soon as it has its answer.

use std::{fmt::Write as _, path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use tokio::process::Command;

/// What wrk prints at its end.
const REPORT: &str = include_str!("report.lua");

/// What is asked for.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// What is sent along with a POST; a GET where there is nothing.
    pub(super) body: Option<String>,
    /// Lua for wrk, where not all requests are alike.
    pub(super) script: String,
}

/// How it went.
#[derive(Deserialize)]
pub(super) struct Outcome {
    pub(super) requests: u64,
    pub(super) micros: u64,
    pub(super) p50_us: u64,
    pub(super) p99_us: u64,
    failed: u64,
}

/// Starts wrk with so many connections for so long, on one core of the machine.
pub(super) fn start(
    target: &Target,
    connections: usize,
    time: Duration,
    cpu: usize,
    folder: &Path,
) -> anyhow::Result<tokio::process::Child> {
    let script = folder.join("report.lua");
    let mut text = REPORT.to_owned() + &target.script;
    if let Some(body) = &target.body {
        write!(text, "wrk.method = 'POST'\nwrk.body = [==[{body}]==]\n")?;
    }
    std::fs::write(&script, text)?;
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", &cpu.to_string(), "wrk", "--threads", "1"])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{}s", time.as_secs().max(1))])
        .arg("--script")
        .arg(script);
    for (name, value) in &target.headers {
        wrk.args(["--header", &format!("{name}: {value}")]);
    }
    wrk.arg(&target.url).stdin(Stdio::null()).stdout(Stdio::piped());
    wrk.kill_on_drop(true).spawn().context("starting wrk")
}

/// Waits for its end. Fails where a single request did.
pub(super) async fn end(wrk: tokio::process::Child) -> anyhow::Result<Outcome> {
    let output = wrk.wait_with_output().await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find(|line| line.starts_with('{'));
    let line = line.with_context(|| format!("wrk did not come to its end:\n{text}"))?;
    let outcome: Outcome = serde_json::from_str(line)?;
    ensure!(outcome.failed == 0, "{} requests failed:\n{text}", outcome.failed);
    ensure!(outcome.requests > 0, "not one request was answered:\n{text}");
    Ok(outcome)
}

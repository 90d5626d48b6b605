//! What came out, as a table for people and as JSON for machines.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context as _;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    machine::Machine,
    rounds::{CONNECTIONS, Measured, Plan},
};

/// How it was done, for whoever reads the figures alone.
const METHOD: &str = "Interleaved rounds (A B C, C B A, …) after one warm-up of each; processor time (user and system, of \
all processes of a server, from /proc) per request; ratios per round against the first subject; median and quartiles. \
Servers run on one core, the load (wrk) on another; HTTP/1.1 without TLS, no log of requests.";

/// All that was measured.
#[derive(Serialize)]
pub(super) struct Results {
    at: String,
    method: &'static str,
    connections: usize,
    plan: Plan,
    machine: Machine,
    pub(super) cases: Vec<Report>,
}

/// One case.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) case: String,
    pub(super) about: &'static str,
    pub(super) measured: Vec<Measured>,
    pub(super) facts: BTreeMap<String, f64>,
    pub(super) goals: Vec<Goal>,
}

/// What is to be reached.
#[derive(Serialize)]
pub(super) struct Goal {
    what: &'static str,
    reached: f64,
    limit: f64,
    met: bool,
}

impl Goal {
    pub(super) fn at_most(limit: f64, what: &'static str, reached: f64) -> Self {
        Self {
            met: reached <= limit,
            what,
            reached,
            limit,
        }
    }

    pub(super) fn at_least(limit: f64, what: &'static str, reached: f64) -> Self {
        Self {
            met: reached >= limit,
            ..Self::at_most(limit, what, reached)
        }
    }
}

impl Report {
    /// Prints the table of this case.
    pub(super) fn print(&self) {
        println!("\n{}: {}", self.case, self.about);
        if !self.measured.is_empty() {
            println!(
                "  {:<18} {:>7} {:>9} {:>22} {:>10} {:>10} {:>8}",
                "", "bytes", "µs CPU", "ratio (quartiles)", "requests/s", "ratio", "p50 µs"
            );
        }
        for one in &self.measured {
            let ratio = one.cpu_ratio;
            let ratio = format!(
                "{:.2} ({:.2}–{:.2})",
                ratio.median, ratio.lower_quartile, ratio.upper_quartile
            );
            println!(
                "  {:<18} {:>7} {:>9.1} {:>22} {:>10.0} {:>10.2} {:>8.0}",
                one.name,
                one.body_bytes,
                one.cpu_us.median,
                ratio,
                one.per_second.median,
                one.throughput_ratio.median,
                one.p50_us.median
            );
            if one.programs.len() > 1 {
                for (name, cpu) in &one.programs {
                    println!("    {:<16} {:>7} {:>9.1}", name, "", cpu.median);
                }
            }
        }
        for (name, value) in &self.facts {
            println!("  {name}: {value:.1}");
        }
    }
}

impl Results {
    pub(super) fn new(machine: Machine, plan: Plan) -> Self {
        let now = OffsetDateTime::now_utc();
        Self {
            at: now.format(&Rfc3339).unwrap_or_default(),
            method: METHOD,
            connections: CONNECTIONS,
            plan,
            machine,
            cases: Vec::new(),
        }
    }

    /// Prints which goals are met.
    pub(super) fn print_goals(&self) {
        println!("\nGoals");
        for report in &self.cases {
            for goal in &report.goals {
                let verdict = if goal.met { "met" } else { "MISSED" };
                println!(
                    "  {verdict:<6} {:<22} {:<52} {:>8.2} (limit {})",
                    report.case, goal.what, goal.reached, goal.limit
                );
            }
        }
    }

    /// Writes all of it into a file of its own in `folder`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let moment: String = self.at.chars().take(19).collect();
        let file = folder.join(format!("{}.json", moment.replace(':', "-")));
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
        println!("\nwritten to {}", file.display());
        Ok(())
    }
}

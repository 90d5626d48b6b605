//! Runs the cases, prints the table, writes the figures down.

mod cases;
mod growth;
mod load;
mod machine;
mod needs;
mod pages;
mod peers;
mod program;
mod report;
mod rounds;
mod servers;

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use tempfile::TempDir;

use cases::Case;
use machine::Machine;
use report::Results;
use rounds::Plan;

/// Where what is measured runs …
const SERVER_CPU: usize = 0;
/// … and where the load comes from.
const LOAD_CPU: usize = 1;

/// What is measured, and how thoroughly.
#[derive(Args)]
pub struct Options {
    /// Few and short rounds: for a look, not for figures to be told.
    #[arg(long)]
    quick: bool,
    /// Only cases whose name has this in it; may be given several times.
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,
    /// The folder of our programs.
    #[arg(long)]
    programs: PathBuf,
    /// The folder of the gateways of others.
    #[arg(long)]
    peers: PathBuf,
    /// Where the figures are written down.
    #[arg(long)]
    results: PathBuf,
    /// A PostgreSQL of this machine, and its number in `/proc`.
    #[arg(long, requires = "postgres_pid")]
    postgres_url: Option<String>,
    #[arg(long)]
    postgres_pid: Option<u32>,
}

/// What the cases have in common.
struct Stage {
    options: Options,
    plan: Plan,
    folder: TempDir,
    http: reqwest::Client,
}

/// Runs all that `options` say.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let chosen: Vec<Case> = Case::all()
        .into_iter()
        .filter(|case| options.choose(&case.name()))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "no case has such a name; there are: {}",
        names()
    );
    let plan = match options.quick {
        true => Plan {
            rounds: 3,
            seconds: 1,
        },
        false => Plan {
            rounds: 11,
            seconds: 3,
        },
    };
    let stage = Stage {
        plan,
        options,
        folder: tempfile::Builder::new().prefix("triptych-bench-").tempdir()?,
        http: reqwest::Client::new(),
    };
    let mut results = Results::new(Machine::look(&stage.options.peers)?, plan);
    for case in chosen {
        let report = case.run(&stage).await?;
        report.print();
        results.cases.push(report);
    }
    results.print_goals();
    results.write(&stage.options.results)
}

fn names() -> String {
    let names: Vec<String> = Case::all().iter().map(Case::name).collect();
    names.join(", ")
}

impl Options {
    fn choose(&self, name: &str) -> bool {
        self.cases.is_empty() || self.cases.iter().any(|part| name.contains(part.as_str()))
    }
}

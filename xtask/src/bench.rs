//! What a screen costs: builds what is measured and what it is held against, then lets `bench` measure.

use std::process::Command;

use anyhow::ensure;
use clap::Args;

use crate::postgres::Postgres;
use crate::{node, workspace};

/// What is measured, and how thoroughly.
#[derive(Args)]
pub struct Options {
    /// Few and short rounds: for a look, not for figures to be told.
    #[arg(long)]
    quick: bool,
    /// Only cases whose name has this in it; may be given several times.
    #[arg(long = "case", value_name = "NAME")]
    cases: Vec<String>,
    /// Measure the programs that were built last.
    #[arg(long)]
    no_build: bool,
}

/// Programs of others that the bench needs, how to ask whether they are there, and their Debian packages.
const NEEDED: [(&str, &str, &str); 4] = [
    ("nginx", "-v", "nginx-light"),
    ("wrk", "", "wrk"),
    ("taskset", "--version", "util-linux"),
    ("node", "--version", "nodejs npm"),
];

/// Measures, and prints what came out.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for (program, question, package) in NEEDED {
        let mut asked = Command::new(program);
        asked.args(Some(question).filter(|question| !question.is_empty()));
        ensure!(
            asked.output().is_ok(),
            "the bench needs {program}: `apt-get install {package}`"
        );
    }
    node::install("bench/peers/fastify", "the gateway of others: Fastify")?;
    if !options.no_build {
        workspace::headline("build");
        workspace::build(true)?;
    }
    let wants_postgres = options.cases.is_empty()
        || options
            .cases
            .iter()
            .any(|case| "postgres-mobile postgres-web".contains(case.as_str()));
    let postgres = match wants_postgres {
        true => Some(Postgres::start().await?),
        false => None,
    };
    let outcome = measure(&options, postgres.as_ref());
    if let Some(server) = postgres {
        server.stop().await;
    }
    outcome
}

fn measure(options: &Options, postgres: Option<&Postgres>) -> anyhow::Result<()> {
    let bench = workspace::binary("bench", true)?;
    let mut command = Command::new(&bench);
    command.arg("run");
    command.args(options.quick.then_some("--quick"));
    command.args(options.cases.iter().flat_map(|case| ["--case", case]));
    command.arg("--programs").args(bench.parent());
    command.arg("--peers").arg(workspace::root().join("bench/peers"));
    command
        .arg("--results")
        .arg(workspace::root().join("bench/results"));
    if let Some(server) = postgres {
        command.args(["--postgres-url", &server.url()]);
        command.args(["--postgres-pid", &server.pid().to_string()]);
    }
    workspace::run(&mut command)
}

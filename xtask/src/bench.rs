//! What a screen costs: builds what is measured and what it is held against, then lets `bench` measure.

mod peers;

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use clap::Args;

use crate::postgres::Postgres;
use crate::workspace;

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

/// Programs that all cases need, each with its Debian package.
const NEEDED: [(&str, &str); 3] = [
    ("nginx", "nginx-light"),
    ("wrk", "wrk"),
    ("taskset", "util-linux"),
];
/// Those of the gateways of others that run on Node.js, or come from npm.
const NEEDED_FROM_NPM: [(&str, &str); 2] = [("node", "nodejs"), ("npm", "npm")];
/// The cases that need PostgreSQL, and those that need the gateways of others.
const ON_POSTGRES: [&str; 2] = ["postgres-mobile", "postgres-web"];
const BESIDE_OTHERS: [&str; 2] = ["cold-mobile", "cold-web"];

/// Measures, and prints what came out.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let beside_others = options.wants_any_of(BESIDE_OTHERS);
    let mut needed = NEEDED.to_vec();
    if beside_others {
        needed.extend(NEEDED_FROM_NPM);
        needed.extend(peers::NEEDED_FOR_GO);
    }
    needed.retain(|(what, _)| !is_there(what));
    let (missing, packages): (Vec<_>, Vec<_>) = needed.into_iter().unzip();
    ensure!(
        missing.is_empty(),
        "the bench needs {}; on Debian: apt-get install {}",
        missing.join(", "),
        packages.join(" ")
    );
    if beside_others {
        peers::prepare()?;
    }
    if !options.no_build {
        workspace::headline("build");
        workspace::build(true)?;
    }
    let postgres = match options.wants_any_of(ON_POSTGRES) {
        true => Some(Postgres::start().await?),
        false => None,
    };
    let outcome = measure(&options, postgres.as_ref());
    if let Some(server) = postgres {
        server.stop().await;
    }
    outcome
}

impl Options {
    /// Whether one of these cases is chosen, as `bench` chooses them.
    fn wants_any_of(&self, names: [&str; 2]) -> bool {
        let chosen = |name: &str| self.cases.iter().any(|part| name.contains(part.as_str()));
        self.cases.is_empty() || names.into_iter().any(chosen)
    }
}

/// Whether a program is where programs are, or a folder (a whole path) where it has to be.
fn is_there(what: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    Path::new(what).is_dir() || env::split_paths(&path).any(|folder| folder.join(what).is_file())
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

//! `cargo xtask fuzz`: thousands of requests made from the OpenAPI documents, against a cluster of its own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;

use crate::workspace;

/// How much is asked.
#[derive(Args)]
pub struct Options {
    /// For how many seconds each gateway is asked, all at the same time.
    #[arg(long, default_value_t = 300)]
    seconds: u64,
}

/// Installs schemathesis, where it is not yet, and runs the journey that uses it.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let schemathesis = schemathesis()?;
    workspace::headline("fuzz");
    let mut nextest = workspace::cargo();
    nextest.args(["nextest", "run", "--workspace", "--locked", "--profile", "soak"]);
    nextest.args(["-E", "package(e2e) and test(/^fuzz::/)"]);
    nextest.env("SCHEMATHESIS", schemathesis);
    nextest.env("FUZZ_SECONDS", options.seconds.to_string());
    let began = std::time::Instant::now();
    workspace::run(&mut nextest)?;
    let took = Duration::from_secs(began.elapsed().as_secs());
    println!("nothing found within {took:?}");
    Ok(())
}

/// The program, in a virtual environment of the user's cache that is as `e2e/fuzz/requirements.txt` has it.
pub fn schemathesis() -> anyhow::Result<PathBuf> {
    if let Some(named) = std::env::var_os("SCHEMATHESIS") {
        return Ok(named.into());
    }
    let folder = cache()?.join("triptych-ci/schemathesis");
    let program = folder.join("bin/schemathesis");
    let (wanted, installed) = (
        workspace::root().join("e2e/fuzz/requirements.txt"),
        folder.join("requirements.txt"),
    );
    let wanted_text = std::fs::read_to_string(&wanted).context("e2e/fuzz/requirements.txt")?;
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted_text) {
        return Ok(program);
    }
    workspace::headline("schemathesis, which the tests send requests with");
    ensure!(
        workspace::works(Command::new("python3").args([
            "-c",
            "import ensurepip, sys; sys.exit(sys.version_info < (3, 10))"
        ])),
        "the tests send requests with schemathesis: install Python 3.10 or newer with venv (Debian: python3-venv)"
    );
    workspace::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
    workspace::run(pip.arg(&wanted))?;
    // Last, so that what was broken off begins again.
    std::fs::copy(&wanted, &installed).context("the folder of schemathesis")?;
    Ok(program)
}

/// The folder for what can be had again.
fn cache() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").filter(|name| !name.is_empty());
    let of_home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache"));
    named
        .map(PathBuf::from)
        .or_else(of_home)
        .context("neither XDG_CACHE_HOME nor HOME is set")
}

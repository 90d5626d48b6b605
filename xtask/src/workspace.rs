//! Where things are, and how other programs are called.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// The programs of the cluster, each named like its package.
pub const BINARIES: [&str; 4] = ["core-service", "bff-web", "bff-mobile", "bff-desktop"];

/// The folder of what a local cluster keeps between two starts.
pub fn own_folder() -> anyhow::Result<PathBuf> {
    let folder = root().join(".triptych");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
}

/// The cargo that started this, in the root of the workspace.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// Builds the programs of the cluster; with the whole workspace, as the tests do, so that dependencies have the
/// same features and are built once for both.
pub fn build(release: bool) -> anyhow::Result<()> {
    let mut build = cargo();
    build.args(["build", "--workspace", "--bins"]);
    if release {
        build.arg("--release");
    }
    run(&mut build)
}

/// The path of a program of the cluster: in the target folder, where this program lies too.
pub fn binary(name: &str, release: bool) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let target = this
        .ancestors()
        .nth(2)
        .context("xtask does not lie in a target folder")?;
    let profile = if release { "release" } else { "debug" };
    Ok(target
        .join(profile)
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION))
}

/// Runs a program to its end; a failure names the command.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("starting `{shown}`"))?;
    ensure!(status.success(), "`{shown}` failed: {status}");
    Ok(())
}

/// Whether a program can be started and ends well, silently.
pub fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A headline between the outputs of other programs.
pub fn headline(text: &str) {
    println!("\n== {text}");
}

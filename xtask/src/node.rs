//! Programs that run on Node.js: each folder of them has a lock file, and is installed as that says.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;

use crate::workspace;

/// Whether Node.js is here.
pub fn is_here() -> bool {
    workspace::works(Command::new("node").arg("--version"))
}

/// Installs what a folder of the workspace needs, unless it is there as the lock file has it; `what` for people.
pub fn install(folder: &str, what: &str) -> anyhow::Result<PathBuf> {
    let folder = workspace::root().join(folder);
    ensure!(
        is_here(),
        "for {what} Node.js is needed; install version 20.19 or newer (https://nodejs.org)"
    );
    let changed = |file: &str| folder.join(file).metadata().and_then(|file| file.modified()).ok();
    if changed("node_modules/.package-lock.json") < changed("package-lock.json") {
        workspace::headline(what);
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
        workspace::run(&mut npm)?;
    }
    Ok(folder)
}

/// A program that is installed in this folder.
pub fn program(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join("node_modules/.bin").join(name));
    command.current_dir(workspace::root());
    command
}

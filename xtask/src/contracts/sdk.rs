//! The typed clients of the gateways in `clients/*/sdk`, generated from their documents.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use super::FACES;
use crate::{node, workspace};

/// Writes `clients/*/sdk/src` from each gateway's document.
pub fn run() -> anyhow::Result<()> {
    let clients = workspace::root().join("clients");
    generate(&super::tools()?, &clients)?;
    for face in FACES {
        println!("clients/{face}/sdk/src");
    }
    Ok(())
}

/// Fails where an SDK is not what its document generates, or where it or its example is not right.
pub fn check(tools: &Path) -> anyhow::Result<()> {
    let mut compilers = Vec::new();
    for face in FACES {
        let mut tsc = node::program(tools, "tsc");
        tsc.args(["-p", &format!("clients/{face}/sdk")]);
        compilers.push((face, tsc.spawn().context("starting tsc")?));
    }
    let fresh = tempfile::tempdir()?;
    let outcome = generate(tools, fresh.path());
    for (face, mut compiler) in compilers {
        ensure!(compiler.wait()?.success(), "clients/{face}/sdk is not well typed");
    }
    outcome?;

    let committed = workspace::root().join("clients");
    for face in FACES {
        let folder = format!("{face}/sdk/src");
        let differ = different(&fresh.path().join(&folder), &committed.join(&folder))?;
        ensure!(
            differ.is_empty(),
            "clients/{folder} is not what the document generates ({}): run `cargo xtask sdk`",
            differ.join(", ")
        );
    }
    Ok(())
}

fn generate(tools: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut generator: Command = node::program(tools, "openapi-ts");
    generator
        .args(["--file", "contracts/sdk.config.mjs", "--silent", "--no-log-file"])
        .env("SDK_FOLDER", folder);
    workspace::run(&mut generator)
}

/// The files in which two folders differ.
fn different(one: &Path, other: &Path) -> anyhow::Result<Vec<String>> {
    let names = files(one, one)?.into_iter().chain(files(other, other)?);
    let names: BTreeSet<String> = names.collect();
    let text = |folder: &Path, name: &str| std::fs::read(folder.join(name)).ok();
    Ok(names
        .into_iter()
        .filter(|name| text(one, name) != text(other, name))
        .collect())
}

/// All files below `folder`, as seen from `root`.
fn files(root: &Path, folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(root, &path)?);
        } else {
            found.push(path.strip_prefix(root)?.display().to_string());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_changed_or_is_there_once_is_noticed() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &other] {
            std::fs::create_dir(folder.path().join("client")).unwrap();
            std::fs::write(folder.path().join("client/same.ts"), "same").unwrap();
        }
        assert_eq!(different(one.path(), other.path()).unwrap(), [""; 0]);

        std::fs::write(other.path().join("client/same.ts"), "changed").unwrap();
        std::fs::write(one.path().join("left.ts"), "left over").unwrap();
        assert_eq!(
            different(one.path(), other.path()).unwrap(),
            ["client/same.ts", "left.ts"]
        );
    }
}

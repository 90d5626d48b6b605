//! The contracts: what the core says to the gateways, and what each gateway says to its client.
//!
//! A release puts the documents of that day into `contracts/released`. Until the next one nothing may change that would
//! break whoever relies on them.

mod breaking;
pub mod collections;
pub mod sdk;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::Value;

use crate::{node, workspace};

/// The gateways, by the clients that they are for.
pub const FACES: [&str; 3] = ["web", "mobile", "desktop"];

/// Where the linters, the generator and the runner lie.
const TOOLS: &str = "contracts";
/// The contract of the core, as files of descriptors.
const DESCRIPTORS: &str = "proto/src/generated/descriptors.bin";

/// Checks everything: style, what would break clients, and that the SDKs are current and right.
pub fn check() -> anyhow::Result<()> {
    let tools = tools()?;
    workspace::headline("style of the contracts");
    let buf = |words: &[&str]| workspace::run(node::program(&tools, "buf").args(words));
    let mut redocly = node::program(&tools, "redocly");
    redocly.args(["lint", "--config", "contracts/redocly.yaml"]);
    workspace::run(redocly.args(FACES.map(|face| format!("bff-{face}/openapi.json"))))?;
    buf(&["lint", "proto"])?;
    buf(&["format", "proto", "--diff", "--exit-code"])?;

    workspace::headline("what would break clients of the last release");
    let breaks = FACES
        .map(breaks_of)
        .into_iter()
        .collect::<anyhow::Result<Vec<_>>>()?;
    let breaks: Vec<_> = breaks.into_iter().flatten().collect();
    ensure!(
        breaks.is_empty(),
        "{}\nA break that is meant: see \"Change a contract\" in CONTRIBUTING.md",
        breaks.join("\n")
    );
    let released = released("proto.binpb").display().to_string();
    buf(&["breaking", "proto", "--against", &released, "--exclude-imports"])?;

    workspace::headline("the clients' SDKs");
    sdk::check(&tools)
}

/// Makes the documents of today those that must not be broken.
pub fn release() -> anyhow::Result<()> {
    let copies = FACES.map(|face| (document(face), released(&format!("bff-{face}.json"))));
    let proto = (workspace::root().join(DESCRIPTORS), released("proto.binpb"));
    for (from, to) in copies.into_iter().chain([proto]) {
        std::fs::create_dir_all(to.parent().expect("a file lies in a folder"))?;
        std::fs::copy(&from, &to).with_context(|| from.display().to_string())?;
        println!("{}", to.strip_prefix(workspace::root())?.display());
    }
    Ok(())
}

/// Installs the tools where they are missing.
pub fn tools() -> anyhow::Result<PathBuf> {
    node::install(TOOLS, "the tools of the contracts")
}

fn breaks_of(face: &str) -> anyhow::Result<Vec<String>> {
    let (old, new) = (
        read(&released(&format!("bff-{face}.json")))?,
        read(&document(face))?,
    );
    let name = |what| format!("bff-{face}: {what}");
    Ok(breaking::breaks(&old, &new).into_iter().map(name).collect())
}

/// The document that a gateway serves.
fn document(face: &str) -> PathBuf {
    workspace::root().join(format!("bff-{face}/openapi.json"))
}

fn released(file: &str) -> PathBuf {
    workspace::root().join("contracts/released").join(file)
}

fn read(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

//! A Postman collection for each gateway: all its operations, in an order in which they can be run.
//!
//! What is asked stands in the gateway's document; in which order, by whom and with which values, in its plan in
//! `contracts/collections`. Each answer is held against the document: status, media type, and schema.

mod plan;
mod postman;

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;

use super::FACES;
use crate::{node, workspace};
use plan::Plan;

/// How long one answer may take, in milliseconds.
const PATIENCE: &str = "20000";

/// Where the collections go, and whether they are run.
#[derive(Args)]
pub struct Options {
    /// The folder to write them into.
    #[arg(long, default_value = "target/collections", value_name = "FOLDER")]
    out: PathBuf,
    /// Run each against its gateway, which needs the demo data.
    #[arg(long)]
    run: bool,
    /// Where bff-web is.
    #[arg(long, default_value = "http://127.0.0.1:8081", value_name = "URL")]
    web: String,
    /// Where bff-mobile is.
    #[arg(long, default_value = "http://127.0.0.1:8082", value_name = "URL")]
    mobile: String,
    /// Where bff-desktop is.
    #[arg(long, default_value = "http://127.0.0.1:8083", value_name = "URL")]
    desktop: String,
}

/// Writes the collections, and runs them if asked to.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let out = workspace::root().join(&options.out);
    std::fs::create_dir_all(&out)?;
    let addresses = [&options.web, &options.mobile, &options.desktop];
    let mut files = Vec::new();
    for (face, address) in FACES.into_iter().zip(addresses) {
        let file = out.join(format!("bff-{face}.postman_collection.json"));
        let collection = postman::collection(&super::read(&super::document(face))?, &plan(face)?, address)?;
        std::fs::write(&file, serde_json::to_string_pretty(&collection)? + "\n")?;
        println!("{}", file.display());
        files.push((face, file));
    }
    if options.run {
        let tools = super::tools()?;
        let outcomes = files.iter().map(|(face, file)| (*face, ask(&tools, face, file)));
        let failed: Vec<_> = outcomes
            .filter_map(|(face, outcome)| outcome.err().map(|_| face))
            .collect();
        ensure!(
            failed.is_empty(),
            "not all is as it should be: {}",
            failed.join(", ")
        );
    }
    Ok(())
}

/// Runs one collection, and shows what it asks and what is wrong with the answers.
fn ask(tools: &Path, face: &str, file: &Path) -> anyhow::Result<()> {
    workspace::headline(&format!("bff-{face}"));
    let mut newman = node::program(tools, "newman");
    newman.arg("run").arg(file);
    newman.args([
        "--ignore-redirects",
        "--timeout-request",
        PATIENCE,
        "--env-var",
        "unattended=yes",
    ]);
    newman.args([
        "--color",
        "off",
        "--reporter-cli-no-banner",
        "--reporter-cli-no-success-assertions",
    ]);
    workspace::run(&mut newman)
}

fn plan(face: &str) -> anyhow::Result<Plan> {
    let path = workspace::root().join(format!("contracts/collections/{face}.json"));
    let text = std::fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests;

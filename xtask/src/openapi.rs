//! Writes the OpenAPI document of each gateway, as its own binary gives it.

use anyhow::{Context, ensure};

use crate::workspace;

/// Writes `<gateway>/openapi.json` for each gateway.
pub fn run() -> anyhow::Result<()> {
    workspace::build(false)?;
    for gateway in workspace::BINARIES.iter().filter(|name| name.starts_with("bff-")) {
        let mut command = std::process::Command::new(workspace::binary(gateway, false)?);
        let output = command
            .arg("openapi")
            .output()
            .with_context(|| format!("starting {gateway}"))?;
        ensure!(
            output.status.success(),
            "`{gateway} openapi` failed: {}",
            output.status
        );
        std::fs::write(
            workspace::root().join(gateway).join("openapi.json"),
            output.stdout,
        )?;
        println!("{gateway}/openapi.json");
    }
    Ok(())
}

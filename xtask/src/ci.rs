//! What has to pass before a change lands, cheapest first.

use crate::{contracts, node, test, workspace};

/// Runs every check, and then the tests; stops at the first that fails.
pub async fn run() -> anyhow::Result<()> {
    workspace::headline("format");
    workspace::run(workspace::cargo().args(["fmt", "--all", "--check"]))?;

    workspace::headline("lints");
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    workspace::run(workspace::cargo().args(clippy))?;

    workspace::headline("licences, sources and banned crates");
    if workspace::works(workspace::cargo().args(["deny", "--version"])) {
        let deny = [
            "deny",
            "--workspace",
            "--all-features",
            "--locked",
            "check",
            "bans",
            "licenses",
            "sources",
        ];
        workspace::run(workspace::cargo().args(deny))?;
    } else {
        println!("left out: cargo-deny is missing (`cargo install --locked cargo-deny`)");
    }

    workspace::headline("documentation");
    let doc = [
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--locked",
    ];
    workspace::run(workspace::cargo().args(doc).env("RUSTDOCFLAGS", "-D warnings"))?;

    if node::is_here() {
        contracts::check()?;
    } else {
        println!("the contracts are left out: Node.js is missing (https://nodejs.org)");
    }

    test::run(&[]).await
}

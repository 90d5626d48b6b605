//! What front-end teams get: a collection of requests and an SDK for each face, against the running cluster.

use std::path::{Path, PathBuf};
use std::process::Output;

use e2e::{Account, Cluster, READER, STAFF, binary};
use test_kit::client::Client;
use tokio::process::Command;

#[tokio::test]
async fn every_collection_runs_and_each_answer_is_as_documented() {
    let cluster = Cluster::start().await;
    let (web, mobile) = (cluster.web.guest(), cluster.mobile.guest());

    let outcome = collections(web, mobile, cluster.desktop.guest()).await;
    assert!(outcome.status.success(), "{}", said(&outcome));

    // The mutant: a phone's gateway that does not speak as it is documented.
    let outcome = collections(web, web, cluster.desktop.guest()).await;
    assert!(!outcome.status.success(), "{}", said(&outcome));
    assert!(
        said(&outcome).contains("not all is as it should be: mobile\n"),
        "{}",
        said(&outcome)
    );
}

#[tokio::test]
async fn each_sdk_signs_in_and_shows_its_screen() {
    let cluster = Cluster::start().await;

    let web = example("web", "home", cluster.web.guest(), READER).await;
    assert!(
        web.contains("\"Welcome, demo\"") && web.contains("\"book: "),
        "{web}"
    );

    let mobile = example("mobile", "home", cluster.mobile.guest(), READER).await;
    assert!(
        mobile.contains("\"post: ") && mobile.contains("\"ordered once: "),
        "{mobile}"
    );

    let desktop = example("desktop", "workspace", cluster.desktop.guest(), STAFF).await;
    assert!(
        desktop.contains("\"Signed in: staff\"") && desktop.contains("\"import: done "),
        "{desktop}"
    );
}

/// Runs the collections of all faces.
async fn collections(web: &Client, mobile: &Client, desktop: &Client) -> Output {
    tools();
    let out = tempfile::tempdir().expect("a folder for the collections");
    let mut xtask = Command::new(binary("xtask"));
    xtask.args(["collections", "--run", "--out"]).arg(out.path());
    for (face, gateway) in [("--web", web), ("--mobile", mobile), ("--desktop", desktop)] {
        xtask.args([face, gateway.base()]);
    }
    xtask.output().await.expect("xtask is built")
}

/// What the example of an SDK shows, compiled from its TypeScript.
async fn example(face: &str, name: &str, gateway: &Client, account: Account) -> String {
    let out = tempfile::tempdir().expect("a folder for the compiled SDK");
    let mut tsc = Command::new(tools().join("tsc"));
    tsc.arg("-p").arg(root().join(format!("clients/{face}/sdk")));
    tsc.args([
        "--noEmit",
        "false",
        "--verbatimModuleSyntax",
        "false",
        "--module",
        "commonjs",
        "--outDir",
    ]);
    let compiled = tsc.arg(out.path()).output().await.expect("the compiler runs");
    assert!(compiled.status.success(), "{}", said(&compiled));

    let mut node = Command::new("node");
    node.arg(root().join("e2e/sdk/run.js"));
    node.arg(out.path().join(format!("example/{name}.js")));
    node.args([gateway.base(), account.email, account.password]);
    let shown = node.output().await.expect("Node is there: https://nodejs.org");
    assert!(shown.status.success(), "{}", said(&shown));
    said(&shown)
}

/// The folder of the programs that run on Node.
fn tools() -> PathBuf {
    let folder = root().join("contracts/node_modules/.bin");
    assert!(
        folder.exists(),
        "the tools of the contracts are missing: run `npm ci --prefix contracts`, with Node 20.19 or newer"
    );
    folder
}

fn root() -> &'static Path {
    let e2e = Path::new(env!("CARGO_MANIFEST_DIR"));
    e2e.parent().expect("e2e lies in the workspace")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

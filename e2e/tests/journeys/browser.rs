//! A real browser: what it makes of the cookie, of requests that other pages forge, and of the content security policy.

use std::path::{Path, PathBuf};

use e2e::{Cluster, READER};
use tokio::process::Command;

/// Where the browser may be, if `CHROMIUM` does not say.
const PLACES: [&str; 3] = [
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

#[tokio::test]
async fn a_browser_keeps_the_cookie_to_itself_and_obeys_the_policy() {
    let app = app();
    let cluster =
        Cluster::start_with(&[("TRIPTYCH_SERVER__HTTPS", "true"), ("TRIPTYCH_APP__FOLDER", &app)]).await;
    browse("browser.test.js", &cluster).await;
}

#[tokio::test]
async fn a_browser_does_nothing_for_the_pages_of_others() {
    let app = app();
    let cluster =
        Cluster::start_with(&[("TRIPTYCH_SERVER__HTTPS", "true"), ("TRIPTYCH_APP__FOLDER", &app)]).await;
    browse("attacks.test.js", &cluster).await;
}

#[tokio::test]
async fn a_browser_signs_in_on_plain_localhost_as_a_developer_has_it() {
    let cluster = Cluster::start_with(&[("TRIPTYCH_APP__FOLDER", &app())]).await;
    browse("development.test.js", &cluster).await;
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")
}

/// A web app of one page.
fn app() -> String {
    folder().join("app").display().to_string()
}

/// Runs the tests of a file in the browser.
async fn browse(file: &str, cluster: &Cluster) {
    assert!(
        folder().join("node_modules/playwright-core").exists(),
        "the browser's driver is missing: run `npm ci --prefix e2e/browser`"
    );
    let output = Command::new("node")
        .args(["--test", file])
        .current_dir(folder())
        .env("WEB", cluster.web.guest().base())
        .env("DESKTOP", cluster.desktop.guest().base())
        .env("CHROMIUM", chromium())
        .env("EMAIL", READER.email)
        .env("PASSWORD", READER.password)
        .output()
        .await
        .expect("Node is there: https://nodejs.org");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}

fn chromium() -> PathBuf {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let found = named.or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.exists()));
    found.expect("no Chromium here: install it (apt-get install chromium), or set CHROMIUM")
}

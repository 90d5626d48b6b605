//! The built web app at `/`.

use std::{io::Write as _, path::Path};

use bff_web::GATEWAY;
use reqwest::Method;
use tempfile::TempDir;
use test_kit::client::Answer;
use tokio_util::sync::CancellationToken;

use crate::harness::{App, settings, start, start_with};

const PAGE: &str = "<!doctype html><script nonce=\"__CSP_NONCE__\" src=\"/assets/app-1a2b3c4d.js\"></script>";

/// An app as a bundler leaves it, beside a file that is none of it.
fn built() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    };
    write("app/index.html", PAGE.as_bytes());
    write("app/robots.txt", b"User-agent: *");
    write("app/.env", b"SECRET=1");
    write("app/assets/.map", b"SECRET=2");
    write("app/.well-known/security.txt", b"Contact: us");
    write("secret.txt", b"not for you");
    let script = "console.log('All work and no play');".repeat(100);
    write("app/assets/app-1a2b3c4d.js", script.as_bytes());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(script.as_bytes()).expect("it can be packed");
    write(
        "app/assets/app-1a2b3c4d.js.gz",
        &packed.finish().expect("it can be packed"),
    );
    folder
}

async fn serving(folder: &Path) -> App {
    let folder = folder.join("app").display().to_string();
    start_with(&[("TRIPTYCH_APP__FOLDER", &folder)]).await
}

fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy");
    let (_, rest) = policy.split_once("script-src 'self' 'nonce-").expect("a nonce");
    rest.split('\'').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_page_comes_for_every_path_of_the_app_with_another_nonce_each_time() {
    let folder = built();
    let app = serving(folder.path()).await;
    let mut nonces = Vec::new();
    for path in [
        "/",
        "/index.html",
        "/books/7",
        "/profile/john.doe",
        "/.env",
        "/%2eenv",
    ] {
        let page = app.guest.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        let nonce = nonce(&page);
        assert_eq!(page.body, PAGE.replace("__CSP_NONCE__", &nonce), "{path}");
        assert!(nonce.len() >= 22 && !nonces.contains(&nonce), "{nonce}");
        nonces.push(nonce);
    }
}

#[tokio::test]
async fn what_is_under_assets_is_kept_for_good_and_sent_packed() {
    let folder = built();
    let app = serving(folder.path()).await;
    let path = "/assets/app-1a2b3c4d.js";
    let plain = app.guest.get(path).await;
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert!(plain.header("content-type").contains("javascript"));

    let packed = app
        .guest
        .request(Method::GET, path)
        .header("accept-encoding", "gzip");
    let packed = app.guest.send(packed).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let has = app
        .guest
        .request(Method::GET, path)
        .header("accept-encoding", "gzip")
        .header("if-none-match", packed.header("etag"));
    assert_eq!(app.guest.send(has).await.status, 304);
    let on_disk = folder.path().join("app/assets/app-1a2b3c4d.js.gz");
    assert_eq!(packed.bytes as u64, on_disk.metadata().expect("a file").len());

    let known = app.guest.get("/.well-known/security.txt").await;
    assert_eq!(known.body, "Contact: us");
    let robots = app.guest.get("/robots.txt").await;
    assert_eq!(robots.header("cache-control"), "public, no-cache");
    let missing = app.guest.get("/assets/app-00000000.js").await;
    assert_eq!(missing.problem(), (404, "UNKNOWN_ROUTE"));
}

#[tokio::test]
async fn what_is_the_gateways_is_never_the_apps() {
    let folder = built();
    let app = serving(folder.path()).await;
    for path in ["/api/nowhere", "/api", "/v1/home", "/graphql", "/config"] {
        assert_eq!(
            app.guest.get(path).await.problem(),
            (404, "UNKNOWN_ROUTE"),
            "{path}"
        );
    }
    let posted = app.guest.post("/books/7", serde_json::json!({})).await;
    assert_eq!(posted.problem(), (404, "UNKNOWN_ROUTE"));
    assert_eq!(app.guest.get("/openapi.json").await.status, 200);
    assert_eq!(app.guest.get("/docs/").await.status, 200);
    assert_eq!(app.guest.delete("/api/tags").await.status, 405);
}

#[tokio::test]
async fn there_is_no_way_out_of_the_folder() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let folder = built();
    let app = serving(folder.path()).await;
    for path in [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%5c..%5csecret.txt",
        "//etc/passwd",
        "/%00",
    ] {
        // Clients tidy such paths up, so this one is written by hand.
        let mut stream = tokio::net::TcpStream::connect(app.address())
            .await
            .expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it is taken");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(
            !answer.contains("not for you") && !answer.contains("root:"),
            "{path}: {answer}"
        );
        assert!(!answer.starts_with("HTTP/1.1 5"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn without_a_folder_there_is_no_app_and_with_a_wrong_one_no_start() {
    let app = start().await;
    assert_eq!(app.guest.get("/").await.problem(), (404, "UNKNOWN_ROUTE"));

    let wrong = settings([
        &("TRIPTYCH_APP__FOLDER", "/nowhere"),
        &("TRIPTYCH_SERVER__LISTEN", "127.0.0.1:0"),
        &("TRIPTYCH_ADMIN__LISTEN", "127.0.0.1:0"),
    ]);
    let error = GATEWAY
        .start(&wrong, CancellationToken::new())
        .await
        .expect_err("no folder");
    assert_eq!(
        error.to_string(),
        "app.folder = /nowhere has no index.html that can be read"
    );
}

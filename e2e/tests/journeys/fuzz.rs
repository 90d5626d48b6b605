//! S14's schemathesis: thousands of requests made from the OpenAPI documents, good ones and bad ones, alone and one after
//! the other. No answer is a fault of ours, and none is of a kind that the documents do not know.

use std::path::{Path, PathBuf};
use std::process::Output;

use e2e::{Cluster, Program, STAFF};
use serde_json::Value;
use tokio::process::Command;

/// What is held against every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,use_after_free";

/// For how long each gateway is asked.
fn seconds() -> String {
    std::env::var("FUZZ_SECONDS").unwrap_or_else(|_| test_kit::size(30, 1_200).to_string())
}

/// Where `cargo xtask` puts it, unless `SCHEMATHESIS` says otherwise.
fn schemathesis() -> PathBuf {
    let named = std::env::var_os("SCHEMATHESIS").map(PathBuf::from);
    let program = named.unwrap_or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.unwrap_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"));
        cache.join("triptych-ci/schemathesis/bin/schemathesis")
    });
    assert!(
        program.exists(),
        "{} is missing: `cargo xtask fuzz` installs it",
        program.display()
    );
    program
}

/// Asks a gateway as its document says that it can be asked.
async fn fuzz(name: &str, gateway: &Program, document: &Path, words: &[&str]) -> Output {
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/hooks.py");
    let base = gateway.guest().base();
    let mut command = Command::new(schemathesis());
    command
        .arg("run")
        .arg(document)
        .args(["--url", base, "--checks", CHECKS]);
    command
        .args(["--continue-on-failure", "--suppress-health-check", "all"])
        .args(words);
    command
        .env("SCHEMATHESIS_HOOKS", hooks)
        .env("GATEWAY", name)
        .env("BASE", base);
    command.env("EMAIL", STAFF.email).env("PASSWORD", STAFF.password);
    // What it learns about one run it shall not keep for the next.
    command.current_dir(document.parent().unwrap()).kill_on_drop(true);
    command.output().await.expect("it can be started")
}

/// A gateway's document, in a file.
async fn document(
    cluster: &Cluster,
    name: &str,
    gateway: &Program,
    change: impl FnOnce(&mut Value),
) -> PathBuf {
    let mut document = gateway.guest().get("/openapi.json").await.ok();
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        // Live updates never end, and whoever waits for their end has waited for nothing.
        if item["get"]["responses"]["200"]["content"]["text/event-stream"].is_object() {
            item.as_object_mut().unwrap().remove("get");
        }
        // The data of other events are described as what they are once they are read, and schemathesis reads none.
        let events = item.pointer_mut("/post/responses/200/content/text~1event-stream/schema");
        if let Some(schema) = events {
            *schema = Value::Bool(true);
        }
    }
    change(&mut document);
    cluster.file(&format!("{name}.json"), &document.to_string())
}

#[tokio::test]
async fn whatever_the_documents_make_somebody_send_the_answer_is_one_that_they_know() {
    let cluster = Cluster::start().await;
    cluster.sabotage("UPDATE books SET stock = 1000000").await;
    let seconds = seconds();
    let words = ["--max-time", &seconds, "--max-examples", "20"];
    let asked = ["web", "mobile", "desktop"].map(|name| {
        let cluster = &cluster;
        async move {
            let gateway = match name {
                "web" => &cluster.web,
                "mobile" => &cluster.mobile,
                _ => &cluster.desktop,
            };
            let document = document(cluster, name, gateway, |_| ()).await;
            fuzz(name, gateway, &document, &words).await
        }
    });
    for output in futures_util::future::join_all(asked).await {
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let generated = said
            .lines()
            .find_map(|line| line.trim().split_once(" generated")?.0.parse::<u32>().ok());
        assert!(
            generated.is_some_and(|cases| cases > 50),
            "hardly anything was asked: {said}"
        );
    }
    for program in [&cluster.core, &cluster.web, &cluster.mobile, &cluster.desktop] {
        assert!(
            !program.log().contains("panicked"),
            "something panicked:\n{}",
            program.log()
        );
    }
}

#[tokio::test]
async fn an_answer_that_a_document_keeps_to_itself_is_noticed() {
    // The mutant: a document that does not tell what happens where there is no such book.
    let cluster = Cluster::start().await;
    let path = "/v1/books/{id}";
    let silent = document(&cluster, "silent", &cluster.mobile, |document| {
        let answers = &mut document["paths"][path]["get"]["responses"];
        answers
            .as_object_mut()
            .unwrap()
            .remove("404")
            .expect("it is told otherwise");
    });
    let words = ["--include-path", path, "--max-examples", "10", "--max-time", "20"];
    let noticed = fuzz("mobile", &cluster.mobile, &silent.await, &words).await;
    let said = String::from_utf8_lossy(&noticed.stdout);
    assert!(
        !noticed.status.success() && said.contains("Undocumented status code"),
        "{said}"
    );
}

//! `cargo xtask up`: what it promises to whoever sees the project for the first time.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use e2e::{binary, eight_ports, eventually, is_ready};
use test_kit::TestDatabase;
use test_kit::client::Client;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

#[tokio::test]
async fn up_starts_all_shows_lines_that_work_restarts_and_stops() {
    let database = TestDatabase::new().await;
    let mut up = Up::start(eight_ports()[0], database.url());

    let said = up.until("Ctrl-C stops everything.").await;
    let lines: Vec<&str> = said
        .iter()
        .map(String::as_str)
        .filter(|line| line.starts_with("curl "))
        .collect();
    assert_eq!(lines.len(), 3, "{said:#?}");
    for line in lines {
        let output = Command::new("sh").args(["-c", line]).output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && text.starts_with('{') && !text.contains("/problems/"),
            "{line}\n{text}"
        );
    }

    let mobile = Client::of(([127, 0, 0, 1], up.base + 5).into());
    let id = up.child_named("bff-mobile").await;
    kill("-KILL", id).await;
    up.until("starting again").await;
    eventually("the phone's gateway is back", async || is_ready(&mobile).await).await;
    assert_ne!(up.child_named("bff-mobile").await, id);

    kill("-INT", up.process.id().unwrap()).await;
    up.until("stopped").await;
    assert!(up.process.wait().await.unwrap().success());
    for port in up.base..up.base + 8 {
        TcpListener::bind(("127.0.0.1", port))
            .unwrap_or_else(|error| panic!("port {port} is not free: {error}"));
    }
}

#[tokio::test]
async fn up_refuses_a_busy_port_before_it_does_anything() {
    let base = eight_ports()[0];
    let _busy = TcpListener::bind(("127.0.0.1", base + 1)).unwrap();

    let up = up(base, "sqlite:///nowhere/at/all.db").output().await.unwrap();

    let said = String::from_utf8(up.stderr).unwrap();
    assert!(!up.status.success());
    assert!(
        said.contains(&format!("port {} (bff-mobile)", base + 1)) && said.contains("--ports"),
        "{said}"
    );
}

#[tokio::test]
async fn up_names_the_step_that_failed() {
    let up = up(eight_ports()[0], "sqlite:///nowhere/at/all.db")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(up.stderr).unwrap();
    assert!(!up.status.success());
    assert!(said.contains("migrate up"), "{said}");
}

#[tokio::test]
async fn a_core_that_cannot_serve_says_why_and_ends() {
    let database = TestDatabase::new().await;
    let [port, admin, ..] = eight_ports();
    let long = "a secret of thirty-two characters";
    for (name, value, named) in [
        (
            "TRIPTYCH_GATEWAYS__MOBILE__SECRET",
            "short",
            "gateways.mobile.secret",
        ),
        ("TRIPTYCH_SESSION__SECRET", "short", "session.secret"),
        (
            "TRIPTYCH_GRPC__TLS__KEY",
            "/nowhere/at/all",
            "grpc.tls.certificate",
        ),
    ] {
        let core = Command::new(binary("core-service"))
            .arg("serve")
            .env("DATABASE_URL", database.url())
            .env("TRIPTYCH_GRPC__LISTEN", format!("127.0.0.1:{port}"))
            .env("TRIPTYCH_ADMIN__LISTEN", format!("127.0.0.1:{admin}"))
            .env("TRIPTYCH_SESSION__SECRET", long)
            .env("TRIPTYCH_GATEWAYS__WEB__SECRET", long)
            .env("TRIPTYCH_DATABASE__REQUIRE_FSYNC", "false")
            .env(name, value)
            .kill_on_drop(true)
            .output();
        let ended = tokio::time::timeout(Duration::from_secs(30), core).await;
        let core = ended.expect("it ends").unwrap();
        let said = String::from_utf8_lossy(&core.stderr).into_owned();
        assert!(!core.status.success() && said.contains(named), "{name}: {said}");
    }
}

fn up(base: u16, database_url: &str) -> Command {
    let mut command = Command::new(binary("xtask"));
    command.args([
        "up",
        "--no-build",
        "--ports",
        &base.to_string(),
        "--database-url",
        database_url,
    ]);
    command.stdin(Stdio::null());
    command
}

struct Up {
    base: u16,
    process: Child,
    output: Option<Lines<BufReader<ChildStdout>>>,
}

impl Up {
    fn start(base: u16, database_url: &str) -> Self {
        let mut command = up(base, database_url);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let process = command.spawn().unwrap();
        Self {
            base,
            process,
            output: None,
        }
    }

    /// Reads on until a line has these words; gives all lines until then.
    async fn until(&mut self, words: &str) -> Vec<String> {
        let output = self.output.get_or_insert_with(|| {
            BufReader::new(self.process.stdout.take().expect("its output is piped")).lines()
        });
        let mut said = Vec::new();
        while let Some(line) = output.next_line().await.unwrap() {
            let found = line.contains(words);
            said.push(line);
            if found {
                return said;
            }
        }
        panic!("it ended without a word of {words:?}: {said:#?}");
    }

    async fn child_named(&self, name: &str) -> u32 {
        let parent = self.process.id().unwrap().to_string();
        let output = Command::new("pgrep")
            .args(["-P", &parent, "-f", name])
            .output()
            .await
            .unwrap();
        String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("no {name} runs"))
    }
}

impl Drop for Up {
    /// Where the test has failed: asked, not killed, so that it stops its own processes first.
    fn drop(&mut self) {
        if let Some(id) = self.process.id() {
            let _ = std::process::Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .status();
        }
    }
}

async fn kill(signal: &str, id: u32) {
    assert!(
        Command::new("kill")
            .args([signal, &id.to_string()])
            .status()
            .await
            .unwrap()
            .success()
    );
}

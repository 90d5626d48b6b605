//! A private PostgreSQL that can be killed: own folder, own port, and as careful with its data as a real one.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server.
pub struct Postgres {
    folder: TempDir,
    port: u16,
    server: Child,
}

impl Postgres {
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("triptych-feed-")
            .tempdir()
            .unwrap();
        if let Some((user, group)) = owner() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let mut initdb = command("initdb");
        initdb.arg("--pgdata").arg(folder.path().join("data"));
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        assert!(initdb.stdout(Stdio::null()).status().unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = launch(folder.path(), port);
        let mut postgres = Self { folder, port, server };
        postgres.answers().await;
        postgres
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills it with SIGKILL, and starts it again.
    pub async fn kill(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
        self.answers().await;
    }

    /// Waits until it answers. It refuses to start, and is started again, as long as a process of its predecessor is left.
    async fn answers(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let port = self.port.to_string();
        loop {
            looks.tick().await;
            assert!(Instant::now() < deadline, "PostgreSQL does not answer");
            let mut asked = command("pg_isready");
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port]);
            if asked.status().unwrap().success() {
                return;
            }
            if self.server.try_wait().unwrap().is_some() {
                self.server = launch(self.folder.path(), self.port);
            }
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn launch(folder: &Path, port: u16) -> Child {
    let mut postgres = command("postgres");
    postgres
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-p")
        .arg(port.to_string());
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "log_min_messages=panic",
    ] {
        postgres.args(["-c", setting]);
    }
    postgres
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// One of its programs, run by somebody whom it accepts.
fn command(program: &str) -> Command {
    let mut command = Command::new(binaries().join(program));
    command.current_dir("/");
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

/// Where Debian keeps the newest one; otherwise wherever the path leads.
fn binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions.map(|version| version.path().join("bin")).max();
    newest.unwrap_or_default()
}

/// PostgreSQL refuses root: the user `postgres`, where this is root.
fn owner() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users
        .lines()
        .find(|line| line.starts_with("postgres:"))
        .filter(|_| is_root)?;
    let mut numbers = line.split(':').skip(2).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

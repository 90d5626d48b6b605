//! A private, throw-away PostgreSQL from the machine's own binaries: own folder, own port, loopback only.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tempfile::TempDir;

use crate::{process, workspace};

/// Ends all sessions and shuts down at once, but orderly ("fast" in PostgreSQL's words).
const SIGINT: i32 = 2;
/// How long the server may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// Safety that a throw-away server has no use for, and room for tests that run in parallel.
const SETTINGS: [&str; 8] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=300",
    "jit=off",
    "log_min_messages=warning",
    "log_checkpoints=off",
];

/// A running server that goes away, data and all.
pub struct Postgres {
    server: process::Child,
    pid: u32,
    port: u16,
    _folder: TempDir,
}

impl Postgres {
    /// Makes a new server and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        let binaries = binaries()?;
        let folder = tempfile::Builder::new().prefix("triptych-postgres-").tempdir()?;
        let owner = Owner::of(folder.path())?;
        let data = folder.path().join("data");

        let mut initdb = Command::new(binaries.join("initdb"));
        initdb
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=postgres", "--auth=trust", "--no-sync"]);
        initdb
            .args(["--encoding=UTF8", "--locale=C"])
            .stdout(Stdio::null());
        workspace::run(owner.of_process(&mut initdb))?;

        let port = free_port()?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut postgres = Command::new(binaries.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-p").arg(port.to_string());
        postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        owner
            .of_process(&mut postgres)
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut server = process::spawn(postgres.into()).context("starting postgres")?;

        let deadline = Instant::now() + PATIENCE;
        let is_ready = binaries.join("pg_isready");
        while !workspace::works(Command::new(&is_ready).args(["-h", "127.0.0.1", "-p", &port.to_string()])) {
            if server.try_wait()?.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
                process::stop(&mut server, SIGINT, PATIENCE).await;
                bail!("postgres did not start:\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Self {
            pid: server.id().context("postgres has ended")?,
            server,
            port,
            _folder: folder,
        })
    }

    /// The administrator's address.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The number of its first process.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Stops the server and removes its data.
    pub async fn stop(mut self) {
        process::stop(&mut self.server, SIGINT, PATIENCE).await;
    }
}

/// The newest PostgreSQL of this machine.
fn binaries() -> anyhow::Result<PathBuf> {
    let mut places: Vec<PathBuf> = Vec::new();
    // Debian keeps each version in a folder of its own, Homebrew too.
    for (parent, inside) in [
        ("/usr/lib/postgresql", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
    ] {
        let versions = std::fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let mut versions: Vec<PathBuf> = versions
            .filter(|path| parent.ends_with("postgresql") || path.to_string_lossy().contains("/postgresql"))
            .collect();
        versions.sort_by_key(|path| version(path));
        places.extend(versions.into_iter().rev().map(|version| version.join(inside)));
    }
    places.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    let complete = |place: &PathBuf| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|name| place.join(name).is_file())
    };
    places.into_iter().find(complete).context(
        "the tests need a PostgreSQL: `apt-get install postgresql` or `brew install postgresql`, \
         or name a server in TEST_DATABASE_URL",
    )
}

/// The number in a folder's name: 16 for `16` and for `postgresql@16`.
fn version(path: &Path) -> u32 {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap_or(0)
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}

/// Whom the server runs as: PostgreSQL refuses root.
struct Owner(Option<(u32, u32)>);

impl Owner {
    /// Whoever runs this; for root another user, who then gets the folder too.
    fn of(folder: &Path) -> anyhow::Result<Self> {
        if folder.metadata()?.uid() != 0 {
            return Ok(Self(None));
        }
        let users = std::fs::read_to_string("/etc/passwd")?;
        let (user, group) = ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| ids(&users, name))
            .context("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`")?;
        chown(folder, Some(user), Some(group))?;
        Ok(Self(Some((user, group))))
    }

    fn of_process<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        use std::os::unix::process::CommandExt;
        if let Some((user, group)) = self.0 {
            // The current folder may be root's alone.
            command.uid(user).gid(group).current_dir("/");
        }
        command
    }
}

/// Numbers of a user and its group in the text of /etc/passwd.
fn ids(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut numbers = line.split(':').skip(2).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_numbers_of_a_user() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:103:PostgreSQL:/var:/bin/bash\n";
        assert_eq!(ids(users, "postgres"), Some((101, 103)));
        assert_eq!(ids(users, "nobody"), None);
    }

    #[test]
    fn takes_nine_for_older_than_sixteen() {
        assert!(
            version(Path::new("/usr/lib/postgresql/9"))
                < version(Path::new("/opt/homebrew/opt/postgresql@16"))
        );
    }

    #[tokio::test]
    async fn a_private_server_answers_and_goes_away() {
        let server = Postgres::start().await.unwrap();
        let address = ("127.0.0.1", server.port);
        let folder = server._folder.path().to_owned();
        assert!(std::net::TcpStream::connect(address).is_ok());
        server.stop().await;
        assert!(std::net::TcpStream::connect(address).is_err());
        assert!(!folder.exists());
    }
}

//! A database and a working folder for the commands of one test.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use tempfile::TempDir;
use test_kit::TestDatabase;

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    /// Whether it went well.
    pub ok: bool,
    /// Standard output, without times.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// A shop without a server: only its database, and a folder to type commands in.
pub struct Shop {
    pub database: TestDatabase,
    folder: TempDir,
}

impl Shop {
    /// An empty database.
    pub async fn new() -> Self {
        Self {
            database: TestDatabase::new().await,
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// A database with the newest schema.
    pub async fn migrated() -> Self {
        let shop = Self::new().await;
        migrations::up(shop.database.url()).await.expect("the migrations");
        shop
    }

    /// A database with the schema of long ago: no migration that comes later changes it.
    pub async fn with_likes() -> Self {
        let shop = Self::new().await;
        shop.done("migrate up --to create-likes");
        shop
    }

    /// Types a command.
    pub fn run(&self, command: &str) -> Answer {
        self.run_on(self.database.url(), command)
    }

    /// Types a command with another database in mind.
    pub fn run_on(&self, url: &str, command: &str) -> Answer {
        Answer::from(self.command(url, command).output().expect("the program"))
    }

    /// Types a command that has to go well. What it said.
    pub fn done(&self, command: &str) -> String {
        let answer = self.run(command);
        assert!(answer.ok, "{command}: {}{}", answer.out, answer.err);
        answer.out
    }

    /// Types a command that has to be refused. What it said about it.
    pub fn refused(&self, command: &str) -> String {
        let answer = self.run(command);
        assert!(!answer.ok, "{command}: {}", answer.out);
        answer.err
    }

    /// Starts a command and does not wait for it.
    pub fn start(&self, command: &str) -> Child {
        self.command(self.database.url(), command)
            .spawn()
            .expect("the program")
    }

    /// Makes a folder where commands are typed.
    pub fn make_folder(&self, path: &str) -> PathBuf {
        let folder = self.folder.path().join(path);
        std::fs::create_dir_all(&folder).expect("a new folder");
        folder
    }

    /// Where commands are typed.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection to look into the database.
    pub async fn connect(&self) -> DatabaseConnection {
        Database::connect(self.database.url())
            .await
            .expect("a connection")
    }

    /// Runs statements.
    pub async fn execute(&self, sql: &str) {
        self.connect()
            .await
            .execute_unprepared(sql)
            .await
            .expect("statements that work");
    }

    /// The number that a query finds.
    pub async fn number(&self, sql: &str) -> i64 {
        let db = self.connect().await;
        let row = db
            .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
            .await;
        row.expect("a query that works")
            .expect("a row")
            .try_get_by_index(0)
            .expect("a number")
    }

    fn command(&self, url: &str, command: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_core-service"));
        program
            .args(command.split_whitespace())
            .current_dir(self.folder.path())
            .env("DATABASE_URL", url)
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        program
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("readable text");
        let out = text(output.stdout);
        Self {
            ok: output.status.success(),
            out: out.lines().map(timeless).collect::<Vec<_>>().join("\n"),
            err: text(output.stderr),
        }
    }
}

/// A line without how long something took and when it was.
fn timeless(line: &str) -> String {
    let Some(rest) = line.strip_suffix(" ms") else {
        return line.to_owned();
    };
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
    // What is left may end with a moment: 2025-08-18 15:00:00.
    let moment = rest.len().saturating_sub(19);
    match rest.get(moment..) {
        Some(text) if text.bytes().filter(u8::is_ascii_digit).count() == 14 && text.contains(' ') => {
            format!("{}(time)", &rest[..moment])
        }
        _ => rest.to_owned(),
    }
}

//! A shop with a database and a folder of its own, and its operator.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use test_kit::TestDatabase;

/// The header of our own files.
pub const HEADER: &str = "import_key,isbn13,title,authors,published_year,language,description,cover_url,\
                          price_cents,currency,stock,rating_hundredths,ratings_count";

pub struct Shop {
    database: TestDatabase,
    folder: TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Shop {
    /// An empty shop.
    pub async fn open() -> Self {
        let mut schema = DefaultHasher::new();
        for migration in migrations::ALL {
            migration.checksum().hash(&mut schema);
        }
        let key = format!("import{:016x}", schema.finish());
        let database = TestDatabase::copy_of(&key, async |url| Ok(migrations::up(url).await?)).await;
        Self::with(database)
    }

    /// A shop with this database.
    pub fn with(database: TestDatabase) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database, folder }
    }

    /// Its database's address.
    pub fn url(&self) -> &str {
        self.database.url()
    }

    /// Writes a file into its folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Reads a file of its folder.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command, ready to be started in its folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_core-service"));
        command.args(arguments).current_dir(self.folder.path());
        command.env("DATABASE_URL", self.url());
        // Whoever tests may want traces; a snapshot does not.
        command.env_remove("RUST_BACKTRACE");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs `core-service` with these arguments.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs `core-service import books` with these arguments.
    pub fn import(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["import", "books"], arguments].concat())
    }

    /// Imports a CSV file with our own header and these rows.
    pub fn import_rows(&self, rows: &str) -> Ran {
        self.write("books.csv", format!("{HEADER}\n{rows}"));
        self.import(&["books.csv"])
    }

    /// The catalogue, as `export books` writes it.
    pub fn export(&self, format: &str) -> String {
        let ran = self.run(&["export", "books", "--format", format]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.out
    }

    /// The rows of the catalogue in CSV.
    pub fn rows(&self) -> String {
        let exported = self.export("csv");
        exported.strip_prefix(&format!("{HEADER}\n")).unwrap().to_owned()
    }
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The numbers of the summary: added, changed, unchanged, refused.
    pub fn counts(&self) -> [u64; 4] {
        ["added", "changed", "unchanged", "refused"].map(|what| {
            let line = self
                .out
                .lines()
                .find(|line| line.trim_end().ends_with(&format!(" {what}")));
            let line = line.unwrap_or_else(|| panic!("no `{what}` in {self:?}"));
            line.trim()
                .split(' ')
                .next()
                .unwrap()
                .replace(',', "")
                .parse()
                .unwrap()
        })
    }

    /// All that people see, without what depends on time.
    pub fn seen(&self) -> String {
        let mut seen = String::new();
        let is_progress = |line: &&str| line.ends_with(" …");
        for line in self
            .err
            .lines()
            .chain(self.out.lines())
            .filter(|line| !is_progress(line))
        {
            let line = match line.split_once(" read in ") {
                Some((rows, _)) => format!("{rows} read"),
                None => line.to_owned(),
            };
            seen.push_str(line.trim_end());
            seen.push('\n');
        }
        seen + &format!("exit code {}", self.code.unwrap_or(-1))
    }
}

//! The two databases, and how this crate connects to them: always with a single connection.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, RuntimeErr, sqlx};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::Error;

/// How long SQLite itself waits for another connection before it says that it is busy.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);

/// A database that the project runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded one, and the default.
    Sqlite,
    /// The server.
    Postgres,
}

impl Database {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Which database a URL names.
    pub fn of_url(url: &str) -> Result<Self, Error> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(Error::UnknownDatabase),
        }
    }

    pub(crate) fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    pub(crate) fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Whether SQLite checks foreign keys at each statement. PostgreSQL always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// At each statement: for data.
    Checked,
    /// Once, at the end of each migration: a table may be rebuilt that others point to.
    CheckedAtTheEnd,
}

/// Connects for writing; creates SQLite's file if there is none.
pub(crate) async fn open(url: &str, keys: Keys) -> Result<DatabaseConnection, DbErr> {
    connect(url, move |sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(keys == Keys::Checked)
    })
    .await
}

/// Connects for reading only; where SQLite's file does not exist yet, it reads an empty database instead.
pub(crate) async fn open_to_read(url: &str) -> Result<DatabaseConnection, Error> {
    let missing = Database::of_url(url)? == Database::Sqlite
        && url.parse::<SqliteConnectOptions>().is_ok_and(|options| {
            let file: &Path = options.get_filename();
            !file.exists()
        });
    let url = if missing { "sqlite::memory:" } else { url };
    Ok(connect(url, |sqlite| sqlite.create_if_missing(false)).await?)
}

async fn connect(
    url: &str,
    sqlite: impl Fn(SqliteConnectOptions) -> SqliteConnectOptions + Send + Sync + 'static,
) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| sqlite(options).busy_timeout(PATIENCE));
    sea_orm::Database::connect(options).await
}

/// Whether SQLite refused because another connection writes.
pub(crate) fn is_busy(error: &DbErr) -> bool {
    const SQLITE_BUSY: u32 = 5;
    let (DbErr::Conn(RuntimeErr::SqlxError(source))
    | DbErr::Exec(RuntimeErr::SqlxError(source))
    | DbErr::Query(RuntimeErr::SqlxError(source))) = error
    else {
        return false;
    };
    let code = source.as_database_error().and_then(|error| error.code());
    // The upper bits say more about why it is busy.
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == SQLITE_BUSY)
}

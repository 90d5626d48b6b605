//! A database of its own for every test: an SQLite file, or a database on a PostgreSQL server.
//!
//! `TEST_DATABASE_URL` names the PostgreSQL server (its administrator's address, such as
//! `postgres://postgres@127.0.0.1:5433/postgres`); unset means SQLite. A test does not know which.
//!
//! Migrating takes longer than most tests, so [`TestDatabase::copy_of`] does it once and copies the result.
//! Tests run in processes of their own, hence the locks: a file's on SQLite, an advisory one on PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tempfile::TempDir;

/// Any number that nothing else on the server locks.
const TEMPLATE_LOCK: i64 = 0x7472_6970_7479_6368;

/// A database that lives as long as this value.
#[must_use = "the database is gone when this is dropped"]
pub struct TestDatabase {
    url: String,
    place: Place,
}

/// A transaction that is rolled back when this is dropped.
#[must_use = "the transaction is over when this is dropped"]
pub struct Held {
    _connection: PgConnection,
}

/// What there is to clean up.
enum Place {
    File { _folder: TempDir },
    Server { admin: String, name: String },
}

impl TestDatabase {
    /// An empty database.
    ///
    /// # Panics
    /// Where it cannot be made; the text says why.
    pub async fn new() -> Self {
        let made = match server() {
            None => in_a_file(None),
            Some(admin) => on_the_server(&admin, "template0").await,
        };
        made.unwrap_or_else(|error| panic!("an empty test database: {error:#}"))
    }

    /// A copy of the database that `prepare` made of an empty one, given its address.
    ///
    /// `prepare` runs once for each `key`, whichever process comes first; so the key has to change with what
    /// `prepare` does (a checksum of the schema, say). It has to close its connections before it returns.
    ///
    /// # Panics
    /// Where it cannot be made; the text says why.
    pub async fn copy_of(key: &str, prepare: impl AsyncFnOnce(&str) -> anyhow::Result<()>) -> Self {
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        let made = async {
            match server() {
                None => in_a_file(Some(&file_template(&key, prepare).await?)),
                Some(admin) => {
                    let template = server_template(&admin, &key.to_ascii_lowercase(), prepare).await?;
                    on_the_server(&admin, &template).await
                }
            }
        };
        made.await
            .unwrap_or_else(|error| panic!("a copy of the test database {key}: {error:#}"))
    }

    /// Its address, as `DATABASE_URL` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements in it, for a test that breaks or looks at something behind everybody's back.
    ///
    /// # Panics
    /// Where they fail.
    pub async fn execute(&self, sql: &'static str) {
        let done = if self.is_postgres() {
            async {
                PgConnection::connect(&self.url)
                    .await?
                    .execute(sql)
                    .await
                    .map(|_| ())
            }
            .await
        } else {
            async {
                SqliteConnection::connect(&self.url)
                    .await?
                    .execute(sql)
                    .await
                    .map(|_| ())
            }
            .await
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The number that a query gives.
    ///
    /// # Panics
    /// Where it gives none.
    pub async fn number(&self, sql: &'static str) -> i64 {
        let found = if self.is_postgres() {
            let connection = PgConnection::connect(&self.url).await;
            async { sqlx::query_scalar(sql).fetch_one(&mut connection?).await }.await
        } else {
            let connection = SqliteConnection::connect(&self.url).await;
            async { sqlx::query_scalar(sql).fetch_one(&mut connection?).await }.await
        };
        found.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Runs a statement in a transaction that stays open for as long as what this gives is kept, for a test in which
    /// somebody holds a lock. PostgreSQL only.
    ///
    /// # Panics
    /// Where it fails.
    pub async fn hold(&self, sql: &'static str) -> Held {
        let held = async {
            let mut connection = PgConnection::connect(&self.url).await?;
            connection.execute("BEGIN").await?;
            connection.execute(sql).await?;
            Ok::<_, sqlx::Error>(connection)
        };
        let connection = held.await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        Held {
            _connection: connection,
        }
    }

    /// Whether it is PostgreSQL, for the rare test that only makes sense on one of the two.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Server { .. })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server { admin, name } = &self.place else {
            return;
        };
        let (admin, sql) = (
            admin.clone(),
            format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#),
        );
        // A thread of its own, because the test's runtime may be on its way out. A database that stays behind
        // is harmless: its name is never used again.
        let dropper = std::thread::spawn(move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async { execute(&mut PgConnection::connect(&admin).await?, sql).await })
        });
        let _ = dropper.join();
    }
}

/// Whether this round of the tests is the one on PostgreSQL.
pub fn on_postgres() -> bool {
    server().is_some()
}

/// The administrator's address of the PostgreSQL server, where there is to be one.
fn server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

fn in_a_file(template: Option<&Path>) -> anyhow::Result<TestDatabase> {
    let folder = tempfile::Builder::new().prefix("triptych-test-").tempdir()?;
    let file = folder.path().join("test.db");
    match template {
        Some(template) => {
            std::fs::copy(template, &file)?;
        }
        // An empty file is an empty database, and exists for those who only open what exists.
        None => std::fs::write(&file, "")?,
    }
    Ok(TestDatabase {
        url: sqlite_url(&file),
        place: Place::File { _folder: folder },
    })
}

async fn on_the_server(admin: &str, template: &str) -> anyhow::Result<TestDatabase> {
    let name = unique_name();
    let mut connection = PgConnection::connect(admin)
        .await
        .context("connecting to TEST_DATABASE_URL")?;
    execute(
        &mut connection,
        format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#),
    )
    .await?;
    connection.close().await?;
    Ok(TestDatabase {
        url: with_database(admin, &name)?,
        place: Place::Server {
            admin: admin.to_owned(),
            name,
        },
    })
}

/// The prepared file for `key`, beside the test executables so that `cargo clean` removes it.
async fn file_template(
    key: &str,
    prepare: impl AsyncFnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let folder = executable
        .ancestors()
        .nth(2)
        .context("an executable in a folder")?
        .join("test-databases");
    std::fs::create_dir_all(&folder)?;
    let ready = folder.join(format!("{key}.db"));

    let lock = std::fs::File::create(folder.join(format!("{key}.lock")))?;
    lock.lock()?;
    if ready.exists() {
        return Ok(ready);
    }
    let building = tempfile::tempdir_in(&folder)?;
    let file = building.path().join("building.db");
    std::fs::write(&file, "")?;
    prepare(&sqlite_url(&file)).await?;
    settle(&file).await?;
    std::fs::rename(&file, &ready)?;
    Ok(ready)
}

/// Brings everything from the write-ahead log into the file, which alone is copied.
async fn settle(file: &Path) -> anyhow::Result<()> {
    let mut connection: SqliteConnection = SqliteConnectOptions::new().filename(file).connect().await?;
    let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut connection)
        .await?;
    ensure!(busy == 0, "the preparation left a connection open");
    connection.close().await?;
    Ok(())
}

/// The name of the prepared database for `key`.
async fn server_template(
    admin: &str,
    key: &str,
    prepare: impl AsyncFnOnce(&str) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    let (ready, building) = (
        format!("triptych_template_{key}"),
        format!("triptych_building_{key}"),
    );
    let mut connection = PgConnection::connect(admin)
        .await
        .context("connecting to TEST_DATABASE_URL")?;
    // Held until the connection closes, also where this function fails.
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut connection)
        .await?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(&ready)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        execute(
            &mut connection,
            format!(r#"DROP DATABASE IF EXISTS "{building}" WITH (FORCE)"#),
        )
        .await?;
        execute(
            &mut connection,
            format!(r#"CREATE DATABASE "{building}" TEMPLATE template0"#),
        )
        .await?;
        prepare(&with_database(admin, &building)?).await?;
        // Backends take a moment to go after their clients have; a database in use cannot be renamed.
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
            .bind(&building)
            .execute(&mut connection)
            .await?;
        execute(
            &mut connection,
            format!(r#"ALTER DATABASE "{building}" RENAME TO "{ready}""#),
        )
        .await?;
    }
    connection.close().await?;
    Ok(ready)
}

async fn execute(connection: &mut PgConnection, sql: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

/// The same server's address with another database.
fn with_database(url: &str, name: &str) -> anyhow::Result<String> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address
        .split_once("://")
        .context("TEST_DATABASE_URL has no scheme")?;
    let server = rest.split('/').next().unwrap_or_default();
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    };
    Ok(format!("{scheme}://{server}/{name}{query}"))
}

/// A name that no other test has, in whichever process.
fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("triptych_test_{now}_{}_{number}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `sql` and gives the number of the first column of its last row, 0 where it has none.
    async fn ask(url: &str, sql: &'static str) -> anyhow::Result<i64> {
        if url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(url).await?;
            let row = sqlx::query_scalar(sql).fetch_optional(&mut connection).await?;
            connection.close().await?;
            return Ok(row.unwrap_or(0));
        }
        let mut connection = PgConnection::connect(url).await?;
        let row = sqlx::query_scalar(sql).fetch_optional(&mut connection).await?;
        connection.close().await?;
        Ok(row.unwrap_or(0))
    }

    async fn prepare(url: &str) -> anyhow::Result<()> {
        ask(url, "CREATE TABLE t (n bigint)").await?;
        ask(url, "INSERT INTO t VALUES (7)").await?;
        Ok(())
    }

    #[tokio::test]
    async fn databases_do_not_see_each_other() {
        let (one, other) = (TestDatabase::new().await, TestDatabase::new().await);
        prepare(one.url()).await.unwrap();
        assert_eq!(ask(one.url(), "SELECT n FROM t").await.unwrap(), 7);
        assert!(ask(other.url(), "SELECT n FROM t").await.is_err());
    }

    #[tokio::test]
    async fn a_copy_holds_what_was_prepared_once() {
        let key = unique_name();
        let key = &key["triptych_test_".len()..];
        let first = TestDatabase::copy_of(key, prepare).await;
        ask(first.url(), "UPDATE t SET n = 8").await.unwrap();
        let second = TestDatabase::copy_of(key, async |_| panic!("prepared twice")).await;
        assert_eq!(ask(second.url(), "SELECT n FROM t").await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_database_is_gone_with_its_value() {
        let database = TestDatabase::new().await;
        let url = database.url().to_owned();
        prepare(&url).await.unwrap();
        drop(database);
        assert!(ask(&url, "SELECT n FROM t").await.is_err());
    }

    #[test]
    fn an_address_keeps_its_server_and_options() {
        let other = with_database("postgres://u:p@127.0.0.1:5433/postgres?sslmode=disable", "x").unwrap();
        assert_eq!(other, "postgres://u:p@127.0.0.1:5433/x?sslmode=disable");
        assert_eq!(with_database("postgres://u@h", "x").unwrap(), "postgres://u@h/x");
    }
}

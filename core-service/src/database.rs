//! The database: where reads and writes go, on SQLite and on PostgreSQL.
//!
//! SQLite has one writer and many readers, so there are two pools; PostgreSQL has one pool for both.
//! Write transactions run in a task of their own: a request that is dropped half-way can neither cut a
//! transaction in two nor leave a half-begun one in the pool.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, Statement, TransactionOptions, TransactionTrait,
};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::error::{Error, Result};

/// The oldest SQLite without the WAL-reset corruption bug.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// A connection that nobody used for so long is asked whether it is still there before it is used; after a restart of the
/// database it is not. To ask each time would cost every statement a way to the database and back.
const ASK_AFTER: Duration = Duration::from_secs(1);

/// How long a request waits for a free connection, or for a lock (`lock_timeout`), before it is told to come back later: as
/// long as a gateway waits for a write (`core.write_timeout`). Less would do where the core is not busy, and would turn
/// away buyers in the middle of a rush who are served in the next moment.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// Handles to the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
    background: DatabaseConnection,
}

/// How many connections to PostgreSQL the core's own tasks have: one to listen, one to work, one to spare.
const BACKGROUND_CONNECTIONS: u32 = 3;

/// A write transaction that is shared by the steps of one piece of work.
pub type Transaction = Arc<DatabaseTransaction>;

impl Database {
    /// Opens the database that `url` names: `sqlite://file`, `sqlite::memory:` is refused (every
    /// connection would be a database of its own), `postgres://…`.
    pub async fn connect(url: &str, connections: u32) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url, connections).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::connect_postgres(url, connections).await
        } else {
            anyhow::bail!("the database URL has to begin with `sqlite:` or `postgres:`")
        }
    }

    async fn connect_sqlite(url: &str, connections: u32) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !url.contains(":memory:"),
            "an in-memory database cannot be shared by connections"
        );
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true);

        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(5));
        let write = writer.connect_with(options.clone()).await?;
        let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()")
            .fetch_one(&write)
            .await?;
        anyhow::ensure!(
            parse_version(&version) >= Some(SQLITE_AT_LEAST),
            "SQLite {version} can corrupt a database; at least {SQLITE_AT_LEAST:?} is needed"
        );

        let readers = SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT);
        let read = readers.connect_with(options.clone().read_only(true)).await?;
        let background = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.read_only(true));
        Ok(Self {
            read: SqlxSqliteConnector::from_sqlx_sqlite_pool(read),
            write: SqlxSqliteConnector::from_sqlx_sqlite_pool(write),
            background: SqlxSqliteConnector::from_sqlx_sqlite_pool(background),
        })
    }

    async fn connect_postgres(url: &str, connections: u32) -> anyhow::Result<Self> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("triptych-core")
            .options([
                ("jit", "off"),
                // Whatever the role or the server has as its default: what is confirmed is on the disk.
                ("synchronous_commit", "on"),
                ("statement_timeout", "3s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "5s"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for > ASK_AFTER {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone())
            .await?;
        let background = PgPoolOptions::new()
            .max_connections(BACKGROUND_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.application_name("triptych-core-feed"));
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
        Ok(Self {
            read: connection.clone(),
            write: connection,
            background: SqlxPostgresConnector::from_sqlx_postgres_pool(background),
        })
    }

    /// Fails where the database is a PostgreSQL that does not see to it that what it has confirmed is on the disk.
    pub async fn require_fsync(&self) -> anyhow::Result<()> {
        if self.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let asked = Statement::from_string(DbBackend::Postgres, "SHOW fsync");
        let row = self.read.query_one_raw(asked).await?;
        let fsync: Option<String> = row.and_then(|row| row.try_get_by_index(0).ok());
        anyhow::ensure!(
            fsync.as_deref() == Some("on"),
            "this PostgreSQL runs with `fsync = off`: what it has confirmed is lost when its machine stops. Set `fsync = on` \
             in its postgresql.conf and reload it; or, where nothing is lost by that, set database.require_fsync = false"
        );
        Ok(())
    }

    /// Calls `observer` with the text of every statement of a call that runs from now on through this handle and
    /// its later clones.
    pub fn observe_statements(
        &mut self,
        observer: impl Fn(&sea_orm::Statement) + Clone + Send + Sync + 'static,
    ) {
        for connection in [&mut self.read, &mut self.write] {
            let observer = observer.clone();
            connection.set_metric_callback(move |info| observer(info.statement));
        }
    }

    /// Where single read statements go.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Where the core's own tasks go, so that no crowd of calls keeps them waiting. On SQLite they only read.
    pub fn background(&self) -> &DatabaseConnection {
        &self.background
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Runs `work` in a write transaction: committed where it is `Ok`, rolled back where it is not.
    ///
    /// The work goes on to its end even where the caller is dropped.
    pub async fn write<T, W, F>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(Transaction) -> F + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let connection = self.write.clone();
        let task = tokio::spawn(async move {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            let transaction = Arc::new(connection.begin_with_options(options).await?);
            let outcome = work(transaction.clone()).await;
            let transaction = Arc::into_inner(transaction)
                .ok_or_else(|| DbErr::Custom("the work kept its transaction".to_owned()))?;
            match outcome {
                Ok(value) => transaction.commit().await.map(|()| value).map_err(Error::from),
                Err(error) => transaction.rollback().await.map_err(Error::from).and(Err(error)),
            }
        });
        task.await.map_err(Error::internal)?
    }
}

fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

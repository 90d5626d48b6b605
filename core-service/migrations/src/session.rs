//! One process at a time: a session holds the database's lock from its beginning to its end.
//!
//! PostgreSQL gives an advisory lock to the session's only connection, and takes it back when that is closed.
//! It is asked for again and again, not waited for: a statement that waits would itself stand in the way of
//! `CREATE INDEX CONCURRENTLY`, which waits for all statements that are older. SQLite has one writer, so a
//! transaction that writes from the beginning is the lock, and each step is a savepoint in it.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use tokio::time::sleep;

use crate::database::{self, Database, Keys};
use crate::error::Error;
use crate::plan::Step;

/// "triptych" in ASCII: all that write the schema of a database agree on this key.
const LOCK_KEY: i64 = 0x7472_6970_7479_6368;

/// How long to wait before the lock is asked for again.
const PAUSE: Duration = Duration::from_millis(100);

/// What happens during a run, for those who watch it.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Another process holds the lock; this one waits for it.
    Waiting,
    /// A step begins.
    Started(&'a Step),
    /// A step is done, and took this long.
    Finished(&'a Step, Duration),
}

/// One who watches a run.
pub type Listener<'a> = &'a mut (dyn FnMut(Event<'_>) + Send);

/// A connection to the database that is alone in writing its schema.
#[derive(Debug)]
pub struct Session {
    connection: DatabaseConnection,
    /// SQLite's lock, which every step is a part of.
    whole: Option<DatabaseTransaction>,
}

impl Session {
    /// Waits for the lock, however long another process holds it.
    pub async fn open(url: &str, keys: Keys, listener: Listener<'_>) -> Result<Self, Error> {
        let mut waits = Waits {
            listener,
            told: false,
        };
        match Database::of_url(url)? {
            Database::Sqlite => {
                // Even to switch a new file to its journal mode needs the lock.
                let connection = loop {
                    match database::open(url, keys).await {
                        Err(error) if database::is_busy(&error) => waits.pause().await,
                        connection => break connection?,
                    }
                };
                let write = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                let whole = loop {
                    match connection.begin_with_options(write).await {
                        Err(error) if database::is_busy(&error) => waits.pause().await,
                        whole => break whole?,
                    }
                };
                Ok(Self {
                    connection,
                    whole: Some(whole),
                })
            }
            Database::Postgres => {
                let connection = database::open(url, keys).await?;
                while !try_lock(&connection).await? {
                    waits.pause().await;
                }
                Ok(Self {
                    connection,
                    whole: None,
                })
            }
        }
    }

    /// Begins a step, which either happens wholly or leaves nothing behind.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        match &self.whole {
            Some(whole) => whole.begin().await,
            None => self.connection.begin().await,
        }
    }

    /// Which database this is.
    pub fn database(&self) -> Database {
        Database::of(&self.connection)
    }

    /// Runs a statement outside any transaction, where the database knows such a thing.
    pub(crate) async fn execute_alone(&self, sql: &str) -> Result<(), DbErr> {
        self.connection.execute_unprepared(sql).await?;
        Ok(())
    }

    /// Keeps every step that was committed, and gives the lock back.
    pub async fn close(self) -> Result<(), DbErr> {
        if let Some(whole) = self.whole {
            whole.commit().await?;
        }
        self.connection.close().await
    }
}

async fn try_lock(connection: &DatabaseConnection) -> Result<bool, DbErr> {
    let sql = format!("SELECT pg_try_advisory_lock({LOCK_KEY})");
    let answer = connection
        .query_one_raw(Statement::from_string(connection.get_database_backend(), sql))
        .await?;
    answer.map_or(Ok(false), |row| row.try_get_by_index(0))
}

struct Waits<'a> {
    listener: Listener<'a>,
    told: bool,
}

impl Waits<'_> {
    async fn pause(&mut self) {
        if !self.told {
            (self.listener)(Event::Waiting);
            self.told = true;
        }
        sleep(PAUSE).await;
    }
}

//! A database that goes away and comes back.

use core_service::database::Database;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::app::{App, eventually};

#[tokio::test]
async fn whoever_comes_a_while_after_a_restart_of_the_database_does_not_notice_it() {
    let app = App::start().await;
    if !app.is_postgres() {
        return; // SQLite is no process that could be restarted.
    }
    let db = Database::connect(app.database.url(), 1).await.unwrap();
    let first = connection_of(&db).await.unwrap();
    eventually("an idle connection", async || {
        cut(&app, first, "1.2 seconds").await
    })
    .await;
    let second = connection_of(&db).await.expect("a new connection");

    // The mutant: a connection that was used a moment ago is not asked, and its death is noticed.
    eventually("an idle connection", async || {
        cut(&app, second, "0 seconds").await
    })
    .await;
    connection_of(&db).await.expect_err("a dead connection");
    connection_of(&db).await.expect("a new connection");
}

#[tokio::test]
async fn a_postgres_that_forgets_what_it_has_confirmed_is_refused() {
    let app = App::start().await;
    let checked = app.db.require_fsync().await;
    if !app.is_postgres() {
        return checked.expect("SQLite is told to write to the disk");
    }
    let statement = Statement::from_string(app.db.backend(), "SHOW fsync");
    let row = app.db.read().query_one_raw(statement).await.unwrap();
    let fsync: String = row.expect("a setting").try_get_by_index(0).unwrap();
    match fsync.as_str() {
        "on" => checked.expect("it writes to the disk"),
        _ => {
            let refusal = checked.expect_err("it writes to the disk some day").to_string();
            assert!(
                refusal.contains("fsync = on") && refusal.contains("database.require_fsync"),
                "{refusal}"
            );
        }
    }
}

/// The number of the connection that a pool of one has.
async fn connection_of(db: &Database) -> Result<i32, DbErr> {
    let statement = Statement::from_string(db.backend(), "SELECT pg_backend_pid()");
    let row = db.read().query_one_raw(statement).await?;
    row.expect("every connection has a number").try_get_by_index(0)
}

/// Ends a connection, as a restart does, if it was idle for so long; whether it was.
async fn cut(app: &App, connection: i32, idle_for: &str) -> bool {
    let sql = format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE pid = {connection} AND state = 'idle' AND clock_timestamp() - state_change > interval '{idle_for}'"
    );
    let statement = Statement::from_string(app.db.backend(), sql);
    app.db.read().query_one_raw(statement).await.unwrap().is_some()
}

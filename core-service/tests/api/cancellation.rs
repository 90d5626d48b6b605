//! Callers who go away half-way: nothing is cut in two, and nothing is left behind for the next caller.

use core_service::database::Database;
use core_service::repositories::{counts, likes};
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};

use crate::app::{App, a_post, eventually};

#[tokio::test]
async fn a_transaction_goes_on_to_its_end_when_nobody_waits_for_it_any_more() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    let post = app.post(&ada, "Hot", &[]).await;
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (finish, may_finish) = tokio::sync::oneshot::channel::<()>();
    let write = app.db.write(move |tx| async move {
        likes::insert(&*tx, post.id, ada.id).await?;
        begun.send(()).unwrap();
        may_finish.await.unwrap();
        counts::insert(&*tx, post.id, 1, 0).await
    });
    tokio::select! {
        _ = write => unreachable!("it cannot finish yet"),
        _ = has_begun => {} // and here the write is dropped
    }
    finish.send(()).unwrap();
    eventually("the like", async || app.read("hot").await.like_count == 1).await;
}

#[tokio::test]
async fn dropped_calls_leave_the_core_working() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for round in 0..60 {
        let mut posts = app.posts();
        let call = posts.create_post(ada.asks(a_post(&format!("Dropped {round}"))));
        cut(call, round % 20).await;
    }
    app.post(&ada, "Still here", &[]).await;
    assert_eq!(app.read("still-here").await.title, "Still here");
}

#[tokio::test]
async fn a_write_that_is_dropped_at_any_moment_leaves_no_transaction_to_the_next_caller() {
    let app = App::start().await;
    if !app.is_postgres() {
        return; // SQLite's driver begins a transaction in one piece.
    }
    let poisoned = poisoned_after(&app, async |db| drop(db.write(async |_| Ok(())).await)).await;
    assert_eq!(poisoned, Vec::<usize>::new());

    // The mutant: begun in the caller's own task, the same transaction is left to whoever comes next.
    let poisoned = poisoned_after(&app, async |db| drop(db.read().begin().await)).await;
    assert_ne!(poisoned, Vec::<usize>::new());
}

/// After how many steps of `write` its end leaves a pool of one connection within a transaction.
async fn poisoned_after(app: &App, write: impl AsyncFn(&Database)) -> Vec<usize> {
    let mut poisoned = Vec::new();
    for steps in 0..20 {
        let db = Database::connect(app.database.url(), 1).await.unwrap();
        cut(write(&db), steps).await;
        // Whoever comes next, on the same connection.
        db.read().execute_unprepared("SELECT 1").await.unwrap();
        if stays_open(app).await {
            poisoned.push(steps);
        }
    }
    poisoned
}

/// Drops a piece of work that has not ended after so many steps.
async fn cut(work: impl Future, steps: usize) {
    let patience = async {
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = work => {}
        () = patience => {} // and here it is dropped
    }
}

/// Whether a transaction stays open. One that is about to end, because its work goes on without its caller, does not.
async fn stays_open(app: &App) -> bool {
    const LOOKS: usize = 200;
    for _ in 0..LOOKS {
        if open_transactions(app).await == 0 {
            return false;
        }
    }
    true
}

async fn open_transactions(app: &App) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let statement = Statement::from_string(app.db.backend(), sql);
    app.db
        .read()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap()
}

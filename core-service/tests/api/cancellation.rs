//! Callers who go away half-way: nothing is cut in two, and nothing is left behind for the next caller.

use std::time::{Duration, Instant};

use core_service::repositories::{counts, likes};
use sea_orm::{ConnectionTrait, Statement};

use crate::app::{App, a_post};

/// Looks again and again until what is looked for is there.
async fn eventually(what: &str, is_there: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_there().await {
        assert!(Instant::now() < deadline, "{what} has not come about");
        tokio::task::yield_now().await;
    }
}

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
async fn dropped_calls_leave_the_pool_clean() {
    let app = App::start().await;
    let ada = app.reader("ada").await;
    for round in 0..200 {
        let mut posts = app.posts();
        let call = posts.create_post(ada.asks(a_post(&format!("Dropped {round}"))));
        let patience = async {
            for _ in 0..round % 40 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = call => {}
            () = patience => {} // and here the call is dropped
        }
    }
    app.post(&ada, "Still here", &[]).await;
    if app.is_postgres() {
        eventually("an idle pool", async || open_transactions(&app).await == 0).await;
    }
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

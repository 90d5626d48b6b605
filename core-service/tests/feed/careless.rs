//! Cores and databases that are careless, the mutants of R1 and R2: what is seen of those that are not has to catch them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use core_service::database::Database;
use core_service::models::change::{Kind, NewChange, Operation};
use core_service::models::post;
use core_service::repositories::{changes, posts};
use sea_orm::Set;
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use test_kit::TestDatabase;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::cores::Core;
use crate::kills::{end, follow};
use crate::postgres::Postgres;
use crate::world::{Acknowledged, Writers, faults, sign_up};

/// How many write at the same time, how often they are killed, and how much they write before each time.
const WRITERS: u32 = 16;
const KILLS: usize = 5;
const WRITES: usize = 50;

/// A core that tells of a post once it is committed, not with it; and the real one beside it, which says what there is.
struct Careless {
    real: Core,
    database: TestDatabase,
    db: Database,
    author_id: i64,
    acknowledged: Arc<Mutex<Acknowledged>>,
}

impl Careless {
    async fn start() -> Self {
        let database = TestDatabase::new().await;
        migrations::up(database.url()).await.unwrap();
        let real = Core::start(database.url()).await;
        sign_up(&real, "careless").await;
        Self {
            db: Database::connect(database.url(), WRITERS).await.unwrap(),
            author_id: database.number("SELECT max(id) FROM users").await,
            acknowledged: Arc::default(),
            real,
            database,
        }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().created.len()
    }

    /// Lets many write while one tells of it behind them, and kills all of them in the middle of that, again and again.
    async fn write_and_be_killed(&self) {
        for kill in 1..=KILLS {
            let (written, mut to_be_told) = mpsc::unbounded_channel();
            let mut running = JoinSet::new();
            for writer in 0..WRITERS {
                let (db, author_id) = (self.db.clone(), self.author_id);
                let (acknowledged, written) = (self.acknowledged.clone(), written.clone());
                running.spawn(async move {
                    for turn in 0.. {
                        let post = post(author_id, format!("post-{kill}-{writer}-{turn}"));
                        let post = db.write(|tx| async move { posts::insert(&*tx, post).await });
                        let id = post.await.unwrap().id;
                        acknowledged.lock().unwrap().created.insert(id);
                        let _ = written.send(id);
                    }
                });
            }
            let db = self.db.clone();
            running.spawn(async move {
                while let Some(id) = to_be_told.recv().await {
                    tell(&db, id).await;
                }
            });
            while self.count() < kill * WRITES {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            running.shutdown().await;
        }
    }

    async fn faults(&self) -> Vec<String> {
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        faults(&self.real, &acknowledged).await
    }
}

fn post(author_id: i64, slug: String) -> post::ActiveModel {
    post::ActiveModel {
        author_id: Set(author_id),
        title: Set(slug.clone()),
        slug: Set(slug),
        description: Set("A post".to_owned()),
        body: Set("Its text".to_owned()),
        like_count: Set(0),
        comment_count: Set(0),
        ..Default::default()
    }
}

async fn tell(db: &Database, id: i64) {
    let change = NewChange::public(Kind::Post, id, Operation::Created);
    let told = db.write(move |tx| async move { changes::insert(&*tx, vec![change]).await });
    told.await.unwrap();
}

fn assert_among(faults: &[String], fault: &str) {
    let is_there = faults.iter().any(|found| found.contains(fault));
    assert!(is_there, "not noticed: {fault}; only {faults:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_tells_of_what_it_has_committed_loses_some_of_it_where_it_is_killed() {
    let careless = Careless::start().await;
    careless.write_and_be_killed().await;
    assert_among(&careless.faults().await, "created, but lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_tells_once_more_of_what_it_is_not_sure_of_tells_some_of_it_twice() {
    let careless = Careless::start().await;
    careless.write_and_be_killed().await;
    let unsure = careless.acknowledged.lock().unwrap().created.clone();
    for id in unsure {
        tell(&careless.db, id).await;
    }
    assert_among(&careless.faults().await, "told of twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_leaves_out_a_number_is_noticed_by_those_who_read_it_and_those_who_follow_it() {
    let mut careless = Careless::start().await;
    let start = end(&careless.real).await;
    careless.write_and_be_killed().await;
    careless
        .database
        .execute("DELETE FROM change_log WHERE seq = 3")
        .await;
    // Without what it had in memory.
    careless.real.kill().await;

    assert_among(&careless.faults().await, "a number was left out: 4 comes after 2");
    let (_last, seen) = watch::channel(Some(end(&careless.real).await.seq));
    let heard = follow(careless.real.changes(), start, seen).await;
    assert!(heard.is_err(), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_killed_loses_what_is_told_in_a_table_that_it_does_not_keep() {
    if !test_kit::on_postgres() {
        return;
    }
    let mut postgres = Postgres::start().await;
    migrations::up(&postgres.url()).await.unwrap();
    let mut careless = PgConnection::connect(&postgres.url()).await.unwrap();
    careless.execute("ALTER TABLE outbox SET UNLOGGED").await.unwrap();
    let core = Core::start(&postgres.url()).await;

    let writers = Writers::start(&core, 300).await;
    writers.reach(100).await;
    // Nobody takes anything into the log until PostgreSQL is killed.
    careless
        .execute("BEGIN; SELECT * FROM feed_head FOR UPDATE")
        .await
        .unwrap();
    writers.reach(writers.count() + 50).await;
    postgres.kill().await;
    let acknowledged = writers.done().await;

    assert_among(&faults(&core, &acknowledged).await, "created, but lost");
}

//! Commits that come late (R3): transactions take their time, some are given up, one stays open and does nothing. A reader that
//! goes by the numbers of the outbox loses changes; the feed does not.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use core_service::changes::{Event, Feed};
use core_service::database::Database;
use core_service::error::Error;
use core_service::models::change::{Kind, NewChange, Operation, Reader};
use core_service::repositories::changes;
use core_service::settings::Settings;
use sea_orm::{ConnectionTrait, Statement};
use test_kit::{TestDatabase, on_postgres};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

const WRITERS: i64 = 16;
const EACH: i64 = 60;
/// How late a change may be heard of at most.
const LATE: Duration = Duration::from_millis(1_500);

/// How long the transaction stays open that does nothing: time itself is what the feed has to stand, and less would not be
/// told from being late.
fn idle() -> Duration {
    Duration::from_secs(test_kit::size(3, 30) as u64)
}

/// A database on PostgreSQL; on SQLite no commit can come late.
async fn database() -> Option<(TestDatabase, Database)> {
    if !on_postgres() {
        return None;
    }
    let database = TestDatabase::new().await;
    migrations::up(database.url()).await.unwrap();
    let connected = Database::connect(database.url(), 20).await.unwrap();
    Some((database, connected))
}

/// Lets all write. What was committed, and when.
async fn write(db: &Database, also: impl Fn() + Clone + Send + 'static) -> Vec<(i64, Instant)> {
    let committed = Arc::<Mutex<Vec<_>>>::default();
    let mut writers = JoinSet::new();
    let idler = db.clone();
    writers.spawn(async move {
        let stays = idler.write(|tx| async move {
            changes::insert(&*tx, vec![change(-1)]).await?;
            tokio::time::sleep(idle()).await;
            Err::<(), _>(Error::NotAllowed)
        });
        stays.await.unwrap_err();
    });
    for writer in 0..WRITERS {
        let (db, committed, also) = (db.clone(), committed.clone(), also.clone());
        writers.spawn(async move {
            for turn in 0..EACH {
                let id = writer * EACH + turn;
                let thinks = Duration::from_millis(rand::random_range(0..50));
                let written = db.write(move |tx| async move {
                    changes::insert(&*tx, vec![change(id)]).await?;
                    // What makes commits come in another order than the numbers.
                    tokio::time::sleep(thinks).await;
                    // One of twenty is given up.
                    if id % 20 == 7 {
                        Err(Error::NotAllowed)
                    } else {
                        Ok(())
                    }
                });
                if written.await.is_ok() {
                    committed.lock().unwrap().push((id, Instant::now()));
                    also();
                }
            }
        });
    }
    writers.join_all().await;
    Arc::into_inner(committed).unwrap().into_inner().unwrap()
}

fn change(id: i64) -> NewChange {
    NewChange::public(Kind::Post, id, Operation::Created)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "what was measured, for whoever wants to know")]
async fn a_reader_that_goes_by_the_numbers_of_the_outbox_loses_changes() {
    let Some((_database, db)) = database().await else {
        return;
    };
    let stop = CancellationToken::new();
    let (reading, until) = (db.clone(), stop.clone());
    let naive = tokio::spawn(async move {
        let (mut last, mut seen) = (0_i64, BTreeSet::new());
        loop {
            let is_last = until.is_cancelled();
            let text = format!("SELECT id, entity_id FROM outbox WHERE id > {last} ORDER BY id");
            let statement = Statement::from_string(reading.backend(), text);
            for row in reading.background().query_all_raw(statement).await.unwrap() {
                last = row.try_get_by_index(0).unwrap();
                seen.insert(row.try_get_by_index::<i64>(1).unwrap());
            }
            if is_last {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    });
    let committed = write(&db, || {}).await;
    stop.cancel();
    let seen = naive.await.unwrap();
    let lost = committed.iter().filter(|(id, _)| !seen.contains(id)).count();
    println!("the naive reader lost {lost} of {}", committed.len());
    assert!(
        lost > 0,
        "where this reader loses nothing, the test below proves nothing"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "what was measured, for whoever wants to know")]
async fn the_feed_loses_nothing_and_waits_for_no_transaction_that_is_open() {
    let Some((_database, db)) = database().await else {
        return;
    };
    let settings = Settings::load(None).unwrap();
    let feed = Feed::new(db.clone(), &settings.changes);
    let stop = CancellationToken::new();
    feed.follow(stop.clone()).await;
    let everybody = Reader {
        user_id: None,
        is_staff: false,
    };
    let mut subscription = feed.subscribe(None, everybody, None).await.unwrap();
    let (seen, mut all) = watch::channel(0);
    let following = tokio::spawn(async move {
        let mut heard = Vec::new();
        while let Ok(event) = subscription.next().await {
            if let Event::Change { change, previous_seq } = event {
                assert_eq!(change.position.seq, previous_seq + 1, "a number was left out");
                heard.push((change.entity_id, Instant::now()));
                seen.send_replace(change.position.seq);
            }
        }
        heard
    });
    // Whoever commits asks for a look, as calls that write do.
    let asks = feed.clone();
    let also = move || {
        let asks = asks.clone();
        tokio::spawn(async move { asks.settle().await });
    };
    let committed = write(&db, also).await;
    let end = loop {
        if let Some(end) = feed.settle().await {
            break end;
        }
    };
    let in_time = tokio::time::timeout(LATE * 10, all.wait_for(|seen| *seen >= end.seq)).await;
    in_time.expect("all that is in the log is told").unwrap();
    stop.cancel();
    let heard = following.await.unwrap();

    let mut numbers: Vec<_> = heard.iter().map(|(id, _)| *id).collect();
    let mut expected: Vec<_> = committed.iter().map(|(id, _)| *id).collect();
    numbers.sort_unstable();
    expected.sort_unstable();
    assert_eq!(numbers, expected, "each once, and none of what was given up");
    let at = |id| heard.iter().find(|(other, _)| *other == id).unwrap().1;
    let mut lags: Vec<_> = committed
        .iter()
        .map(|(id, committed)| at(*id).saturating_duration_since(*committed))
        .collect();
    lags.sort_unstable();
    let (median, p99) = (lags[lags.len() / 2], lags[lags.len() * 99 / 100]);
    println!("a change is heard of after {median:?} (median), {p99:?} (99 of 100)");
    assert!(
        p99 < LATE,
        "{p99:?}: the feed waits for the transaction that is open"
    );
}

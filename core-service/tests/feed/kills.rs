//! What is killed: a core, over and over; the whole of PostgreSQL.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proto::changes::v1::subscribe_response::Event;
use proto::changes::v1::{Position, SubscribeRequest};
use test_kit::TestDatabase;
use tokio::sync::watch;

use crate::cores::{Core, of_the_web};
use crate::postgres::Postgres;
use crate::world::{Writers, faults};

/// Follows the feed through all interruptions, and sees that every change follows the one before, until it has heard of
/// the last one. How many changes it heard of, or what was wrong with one.
pub async fn follow(
    mut changes: proto::changes::v1::change_service_client::ChangeServiceClient<tonic::transport::Channel>,
    mut place: Position,
    last: watch::Receiver<Option<i64>>,
) -> Result<i64, String> {
    let mut heard = 0;
    loop {
        if last.borrow().is_some_and(|last| place.seq >= last) {
            return Ok(heard);
        }
        let request = of_the_web(SubscribeRequest { after: Some(place) }, None);
        let Ok(stream) = changes.subscribe(request).await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let mut stream = stream.into_inner();
        while let Ok(Some(message)) = stream.message().await {
            match message.event.unwrap() {
                Event::Change(change) => {
                    let position = change.position.unwrap();
                    if (change.previous_seq, position.seq) != (place.seq, place.seq + 1) {
                        return Err(format!("{change:?} came after {place:?}"));
                    }
                    place = position;
                    heard += 1;
                }
                Event::Heartbeat(position) if position.seq == place.seq => {}
                other => return Err(format!("{other:?} came after {place:?}")),
            }
            if last.borrow().is_some_and(|last| place.seq >= last) {
                return Ok(heard);
            }
        }
    }
}

/// How much of something, in every run and in one for a night.
fn size(every_run: usize, soak: usize) -> u64 {
    test_kit::size(every_run, soak) as u64
}

pub async fn end(core: &Core) -> Position {
    let request = of_the_web(Default::default(), None);
    core.changes()
        .list_changes(request)
        .await
        .unwrap()
        .into_inner()
        .next
        .unwrap()
}

/// R1: a core is killed 50 times while 16 write until 5,000 writes have been acknowledged; 1,000 times and 100,000 in a soak.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_is_killed_again_and_again_loses_nothing_and_tells_nothing_twice() {
    let (writes, kills) = (size(5_000, 100_000), size(50, 1_000));
    let database = TestDatabase::new().await;
    migrations::up(database.url()).await.unwrap();
    let mut core = Core::start(database.url()).await;
    let start = end(&core).await;
    let (last, seen) = watch::channel(None);
    let following = tokio::spawn(follow(core.changes(), start, seen));

    let writers = Writers::start(&core, writes).await;
    for kill in 1..=kills {
        writers.reach(writes * kill / (kills + 1)).await;
        core.kill().await;
    }
    let acknowledged = writers.done().await;

    let faults = faults(&core, &acknowledged).await;
    assert!(faults.is_empty(), "{faults:#?}");
    let end = end(&core).await;
    last.send_replace(Some(end.seq));
    let heard = tokio::time::timeout(Duration::from_secs(30), following).await;
    assert_eq!(
        heard.expect("the follower hears of all of it").unwrap(),
        Ok(end.seq - start.seq)
    );
}

/// R2: all of PostgreSQL is killed three times, 50 times in a soak; the core stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_killed_loses_nothing_and_the_core_goes_on_by_itself() {
    if !test_kit::on_postgres() {
        return;
    }
    let kills = size(3, 50);
    let writes = kills * 250;
    let mut postgres = Postgres::start().await;
    migrations::up(&postgres.url()).await.unwrap();
    let core = Arc::new(Core::start(&postgres.url()).await);
    let mut longest = Duration::ZERO;

    let writers = Writers::start(&core, writes).await;
    for kill in 1..=kills {
        writers.reach(writes * kill / (kills + 1)).await;
        let began = Instant::now();
        postgres.kill().await;
        let before = writers.count();
        writers.reach(before + 10).await;
        let took = began.elapsed();
        longest = longest.max(took);
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
    let acknowledged = writers.done().await;
    let faults = faults(&core, &acknowledged).await;
    assert!(faults.is_empty(), "{faults:#?}");
    print_line(&format!(
        "{kills} kills, {writes} writes: back after {longest:?} at most"
    ));
}

#[expect(
    clippy::print_stdout,
    reason = "a figure for whoever runs it with --no-capture"
)]
fn print_line(line: &str) {
    println!("{line}");
}

//! Several migrators at once.

use migrations::{ALL, Event, Keys, Migrator, Order, Session};
use tokio::sync::mpsc;

use crate::fakes::{Fake, PLANETS};

#[tokio::test]
async fn four_at_once_all_succeed_and_each_migration_is_applied_once() {
    let fake = Fake::new().await;
    let url = fake.database.url();
    let run = || async {
        Migrator::new(url)
            .run(&Order::Up, None, &mut |_| ())
            .await
            .map(|plan| plan.steps.len())
    };

    let done = tokio::join!(run(), run(), run(), run());

    let mut done = [done.0, done.1, done.2, done.3].map(|steps| steps.expect("a run"));
    done.sort_unstable();
    assert_eq!(done, [0, 0, 0, ALL.len()]);
    assert_eq!(fake.applied().await.len(), ALL.len());
}

#[tokio::test]
async fn one_that_has_to_wait_says_so_and_goes_on_afterwards() {
    let fake = Fake::new().await;
    let url = fake.database.url();
    let busy = Session::open(url, Keys::Checked, &mut |_| ())
        .await
        .expect("the lock");
    let (told, mut heard) = mpsc::unbounded_channel();

    let mut listener = |event: Event<'_>| {
        if matches!(event, Event::Waiting) {
            told.send(()).expect("a listener");
        }
    };
    let waits = Migrator::with(url, &[PLANETS]);
    let (done, ()) = tokio::join!(waits.run(&Order::Up, None, &mut listener), async {
        heard.recv().await.expect("a word about waiting");
        busy.close().await.expect("the lock given back");
    });

    assert_eq!(done.expect("a run").steps.len(), 1);
}

#[tokio::test]
async fn a_migrator_that_failed_does_not_keep_the_lock() {
    let fake = Fake::new().await;
    let broken = migrations::Migration {
        up: |schema| schema.sql("SELECT nonsense"),
        ..PLANETS
    };
    fake.refusal(&[broken], Order::Up).await;
    fake.run(&[PLANETS], Order::Up)
        .await
        .expect("a run that does not wait for ever");
}

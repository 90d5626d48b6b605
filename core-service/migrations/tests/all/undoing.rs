//! The rules of undoing.

use migrations::{Direction, Error, Ledger, Migration, Migrator, Order};

use crate::fakes::{Fake, MOONS, PLANETS, RINGS};

const ALL: [Migration; 3] = [PLANETS, MOONS, RINGS];

#[tokio::test]
async fn undoes_in_the_reverse_order_of_application_not_of_names() {
    let fake = Fake::with(&[PLANETS, RINGS]).await;
    fake.run(&ALL, Order::Up).await.expect("the late one");
    let undone = fake.run(&ALL, Order::Undo(2)).await.expect("a way back");
    assert_eq!(
        undone,
        [
            "down 20250102000000-create-moons",
            "down 20250103000000-create-rings"
        ]
    );
}

#[tokio::test]
async fn to_a_name_keeps_it_and_through_a_name_does_not() {
    let fake = Fake::with(&ALL).await;
    fake.run(&ALL, Order::UndoTo("create-moons".to_owned()))
        .await
        .expect("a way back");
    assert_eq!(fake.applied().await, [PLANETS.name, MOONS.name]);
    fake.run(&ALL, Order::UndoThrough("create-moons".to_owned()))
        .await
        .expect("a way back");
    assert_eq!(fake.applied().await, [PLANETS.name]);
}

#[tokio::test]
async fn redo_undoes_the_newest_and_applies_it_again() {
    let fake = Fake::with(&ALL).await;
    fake.execute("INSERT INTO rings (id) VALUES (1)").await;
    let done = fake.run(&ALL, Order::Redo).await.expect("a way back and forth");
    assert_eq!(
        done,
        [
            "down 20250103000000-create-rings",
            "up 20250103000000-create-rings"
        ]
    );
    assert_eq!(fake.number("SELECT count(*) FROM rings").await, Some(0));
}

#[tokio::test]
async fn refuses_an_irreversible_one_before_anything_is_touched() {
    let irreversible = Migration {
        down: |schema| schema.irreversible("the rings were melted down"),
        ..MOONS
    };
    let all = [PLANETS, irreversible, RINGS];
    let fake = Fake::with(&all).await;
    for order in [
        Order::UndoAll,
        Order::Undo(2),
        Order::UndoTo(PLANETS.name.to_owned()),
    ] {
        assert_eq!(
            fake.refusal(&all, order).await,
            "`20250102000000-create-moons` cannot be undone: the rings were melted down\n\
             Nothing was done. What to do instead: write a new migration that goes forward to what you want \
             (`migrate create NAME`), or restore a backup from before this one was applied."
        );
    }
    assert_eq!(fake.applied().await.len(), 3);
    assert!(fake.has_table("rings").await);
    fake.run(&all, Order::Undo(1))
        .await
        .expect("the one above it can go");
}

#[tokio::test]
async fn refuses_names_that_do_not_exist_or_are_not_applied() {
    let fake = Fake::with(&[PLANETS]).await;
    let unknown = fake
        .refusal(&ALL, Order::UndoTo("create-planet-table".to_owned()))
        .await;
    assert!(
        unknown.starts_with("there is no migration `create-planet-table`; did you mean"),
        "{unknown}"
    );
    assert!(unknown.contains(PLANETS.name), "{unknown}");
    assert_eq!(
        fake.refusal(&ALL, Order::UndoThrough("create-rings".to_owned()))
            .await,
        "`20250103000000-create-rings` is not applied, so nothing was done"
    );
    assert_eq!(fake.applied().await, [PLANETS.name]);
}

#[tokio::test]
async fn refuses_to_undo_more_than_there_is() {
    let fake = Fake::with(&[PLANETS, MOONS]).await;
    assert_eq!(
        fake.refusal(&ALL, Order::Undo(3)).await,
        "only 2 of the 3 migrations that should be undone are applied, so nothing was done"
    );
    assert_eq!(fake.applied().await.len(), 2);
}

#[tokio::test]
async fn refuses_to_undo_what_this_program_does_not_have() {
    let fake = Fake::with(&ALL).await;
    let refusal = fake.refusal(&[PLANETS, MOONS], Order::Undo(2)).await;
    assert!(refusal.contains("this program does not know them"), "{refusal}");
    assert!(refusal.contains(RINGS.name), "{refusal}");
    assert_eq!(fake.applied().await.len(), 3);
}

#[tokio::test]
async fn does_nothing_but_what_was_agreed_to() {
    let fake = Fake::with(&ALL).await;
    let migrator = Migrator::with(fake.database.url(), &ALL);
    let agreed = migrator.plan(&Order::Undo(1)).await.expect("a plan");
    assert_eq!(agreed.steps[0].direction, Direction::Down);
    fake.run(&ALL, Order::Undo(1))
        .await
        .expect("somebody else is faster");
    let refused = migrator.run(&Order::Undo(1), Some(&agreed), &mut |_| ()).await;
    assert!(matches!(refused, Err(Error::PlanOutdated)), "{refused:?}");
    assert_eq!(fake.applied().await.len(), 2);
}

#[tokio::test]
async fn seeders_may_run_again_once_everything_was_undone_and_no_sooner() {
    let fake = Fake::with(&ALL).await;
    let url = fake.database.url();
    fake.execute(
        "CREATE TABLE seeds (seq bigint, name text, batch bigint, checksum text, applied_at text, took_ms bigint)",
    )
    .await;
    fake.execute("INSERT INTO seeds VALUES (1, 'comets', 1, '', '', 0)")
        .await;
    let seeded = async || fake.number("SELECT count(*) FROM seeds").await;

    fake.run(&ALL, Order::Undo(2)).await.expect("a way back");
    assert_eq!(seeded().await, Some(1));
    fake.run(&ALL, Order::UndoAll).await.expect("a way back");
    assert_eq!(seeded().await, Some(0));
    assert_eq!(Ledger::SEEDS.read(url).await.expect("a ledger"), []);
}

//! The rules of going up.

use migrations::{Database, Migration, Migrator, Order, State};

use crate::fakes::{Fake, MOONS, PLANETS, RINGS, creates};

#[tokio::test]
async fn applies_what_is_pending_in_the_order_of_names() {
    let fake = Fake::new().await;
    let all = [PLANETS, MOONS, RINGS];
    let one = fake.run(&all, Order::UpSteps(1)).await.expect("a step");
    assert_eq!(one, ["up 20250101000000-create-planets"]);
    let rest = fake.run(&all, Order::Up).await.expect("the rest");
    assert_eq!(
        rest,
        ["up 20250102000000-create-moons", "up 20250103000000-create-rings"]
    );
    assert!(fake.run(&all, Order::Up).await.expect("nothing to do").is_empty());
}

#[tokio::test]
async fn applies_one_that_was_merged_late_and_says_so() {
    let fake = Fake::with(&[PLANETS, RINGS]).await;
    let all = [PLANETS, MOONS, RINGS];

    let plan = Migrator::with(fake.database.url(), &all)
        .plan(&Order::Up)
        .await
        .expect("a plan");
    assert_eq!(plan.out_of_order, [MOONS.name]);

    fake.run(&all, Order::Up).await.expect("a run");
    assert_eq!(fake.applied().await, [PLANETS.name, RINGS.name, MOONS.name]);
    let standings = Migrator::with(fake.database.url(), &all)
        .status()
        .await
        .expect("a status");
    let late: Vec<_> = standings
        .iter()
        .filter(|s| s.out_of_order)
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(late, [MOONS.name]);
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing_behind() {
    let fake = Fake::new().await;
    let half = creates(
        "20250102000000-half-a-table",
        |schema| {
            schema.sql("CREATE TABLE half (id bigint PRIMARY KEY)");
            schema.sql("INSERT INTO nowhere VALUES (1)");
        },
        |schema| schema.sql("DROP TABLE half"),
    );

    let refusal = fake.refusal(&[PLANETS, half, RINGS], Order::Up).await;

    assert!(
        refusal.starts_with("up of `20250102000000-half-a-table` failed and left nothing behind"),
        "{refusal}"
    );
    assert!(
        refusal.contains("statement: INSERT INTO nowhere VALUES (1)"),
        "{refusal}"
    );
    assert!(!fake.has_table("half").await);
    assert!(!fake.has_table("rings").await);
    // What was complete before it stays.
    assert!(fake.has_table("planets").await);
    assert_eq!(fake.applied().await, [PLANETS.name]);
}

#[tokio::test]
async fn an_undo_that_fails_leaves_everything_as_it_was() {
    let broken = Migration {
        down: |schema| {
            schema.sql("DROP TABLE rings");
            schema.sql("DROP TABLE nowhere");
        },
        ..RINGS
    };
    let fake = Fake::with(&[PLANETS, broken]).await;
    let refusal = fake.refusal(&[PLANETS, broken], Order::UndoAll).await;
    assert!(
        refusal.starts_with("down of `20250103000000-create-rings` failed"),
        "{refusal}"
    );
    assert!(fake.has_table("rings").await);
    assert_eq!(fake.applied().await, [PLANETS.name, RINGS.name]);
}

#[tokio::test]
async fn refuses_to_leave_rows_that_point_to_nothing() {
    let dangling = creates(
        "20250104000000-add-a-moon",
        |schema| schema.sql("INSERT INTO moons (id, planet_id) VALUES (1, 99)"),
        |schema| schema.sql("DELETE FROM moons"),
    );
    let fake = Fake::with(&[PLANETS, MOONS]).await;
    fake.refusal(&[PLANETS, MOONS, dangling], Order::Up).await;
    assert_eq!(fake.number("SELECT count(*) FROM moons").await, Some(0));
    assert_eq!(fake.applied().await.len(), 2);
}

#[tokio::test]
async fn a_table_that_others_point_to_can_be_built_anew() {
    let rebuild = creates(
        "20250104000000-add-mass-to-planets",
        |schema| {
            for sql in [
                "CREATE TABLE heavy (id bigint PRIMARY KEY, name text NOT NULL, mass text CHECK (mass <> ''))",
                "INSERT INTO heavy (id, name) SELECT id, name FROM planets",
                "DROP TABLE planets",
                "ALTER TABLE heavy RENAME TO planets",
            ] {
                schema.only(Database::Sqlite, sql);
            }
            let alter = "ALTER TABLE planets ADD COLUMN mass text CHECK (mass <> '')";
            schema.only(Database::Postgres, alter);
        },
        |schema| schema.irreversible("nobody asked"),
    );
    let fake = Fake::with(&[PLANETS, MOONS]).await;
    fake.execute("INSERT INTO planets VALUES (1, 'Earth')").await;
    fake.execute("INSERT INTO moons VALUES (1, 1)").await;

    fake.run(&[PLANETS, MOONS, rebuild], Order::Up)
        .await
        .expect("a new table");

    assert_eq!(
        fake.number("SELECT count(*) FROM moons JOIN planets ON planets.id = planet_id")
            .await,
        Some(1)
    );
    assert!(fake.has_table("planets WHERE mass IS NULL").await);
}

#[tokio::test]
async fn notices_an_edited_migration_until_repair_accepts_it() {
    let fake = Fake::with(&[PLANETS, MOONS]).await;
    let edited = Migration {
        up: |schema| schema.sql("CREATE TABLE planets (id bigint PRIMARY KEY, name text)"),
        ..PLANETS
    };
    let all = [edited, MOONS, RINGS];

    let states = fake.states(&all).await;
    assert_eq!(
        states.iter().map(|(_, state)| *state).collect::<Vec<_>>(),
        [State::Changed, State::Applied, State::Pending]
    );
    let refusal = fake.refusal(&all, Order::Up).await;
    assert!(refusal.contains("20250101000000-create-planets"), "{refusal}");
    assert!(refusal.contains("`migrate repair`"), "{refusal}");
    assert!(!fake.has_table("rings").await);

    let repaired = Migrator::with(fake.database.url(), &all)
        .repair(&mut |_| ())
        .await
        .expect("a repair");
    assert_eq!(repaired, [PLANETS.name]);
    fake.run(&all, Order::Up).await.expect("no more objections");
    assert!(fake.has_table("rings").await);
}

#[tokio::test]
async fn does_not_mind_other_comments_and_formatting() {
    let fake = Fake::with(&[PLANETS]).await;
    let dressed = Migration {
        up: |schema| {
            schema.sql(
                "CREATE TABLE planets -- also the dwarfs
                 (id bigint PRIMARY KEY, name text NOT NULL)",
            );
        },
        ..PLANETS
    };
    assert_eq!(
        fake.states(&[dressed]).await,
        [(PLANETS.name.to_owned(), State::Applied)]
    );
}

#[tokio::test]
async fn goes_up_beside_those_of_a_newer_release_and_says_so() {
    let fake = Fake::with(&[PLANETS, RINGS]).await;
    let older = [PLANETS, MOONS];
    let plan = Migrator::with(fake.database.url(), &older)
        .plan(&Order::Up)
        .await
        .expect("a plan");
    assert_eq!(plan.unknown, [RINGS.name]);
    assert_eq!(
        fake.states(&older).await[2],
        (RINGS.name.to_owned(), State::Missing)
    );
    fake.run(&older, Order::Up).await.expect("a run");
    assert!(fake.has_table("moons").await);
}

#[tokio::test]
async fn runs_outside_a_transaction_what_must_be() {
    let concurrently = creates(
        "20250104000000-index-moons",
        |schema| {
            schema.outside_transaction();
            schema.only(
                Database::Postgres,
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS moons_planet_id ON moons (planet_id)",
            );
            schema.only(
                Database::Sqlite,
                "CREATE INDEX moons_planet_id ON moons (planet_id)",
            );
        },
        |schema| schema.sql("DROP INDEX moons_planet_id"),
    );
    let all = [PLANETS, MOONS, concurrently];
    let fake = Fake::with(&all).await;
    let migrator = Migrator::with(fake.database.url(), &all);
    assert!(migrator.verify().await.expect("a comparison").is_empty());
    fake.run(&all, Order::Redo).await.expect("a way back and forth");
    assert_eq!(fake.applied().await.len(), 3);
}

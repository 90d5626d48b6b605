//! Looking without touching.

use migrations::{ALL, Migrator, Order};

use crate::fakes::{Fake, MOONS, PLANETS};

#[tokio::test]
async fn a_plan_and_its_script_change_nothing() {
    let fake = Fake::new().await;
    let all = [PLANETS, MOONS];
    let migrator = Migrator::with(fake.database.url(), &all);
    let plan = migrator.plan(&Order::Up).await.expect("a plan");
    insta::assert_snapshot!(migrator.script(&plan).expect("a script"), @"
    -- up 20250101000000-create-planets
    CREATE TABLE planets (id bigint PRIMARY KEY, name text NOT NULL);
    -- up 20250102000000-create-moons
    CREATE TABLE moons (id bigint PRIMARY KEY, planet_id bigint NOT NULL REFERENCES planets (id));
    ");
    assert!(!fake.has_table("migrations").await);
    assert!(!fake.has_table("planets").await);
}

#[tokio::test]
async fn a_script_says_what_the_migrations_do() {
    let fake = Fake::new().await;
    let migrator = Migrator::new(fake.database.url());
    let plan = migrator.plan(&Order::Up).await.expect("a plan");
    let script = migrator.script(&plan).expect("a script");
    let statements = script.lines().filter(|line| !line.starts_with("-- "));

    fake.execute(&statements.collect::<Vec<_>>().join("\n")).await;

    // The ledger was not written, so all that the migrations make is too much.
    let differences = migrator.verify().await.expect("a comparison").to_string();
    assert!(differences.contains("\nposts\n"), "{differences}");
    fake.run(ALL, Order::Up)
        .await
        .expect_err("tables that are there already");
}

#[tokio::test]
async fn looking_at_a_file_that_does_not_exist_does_not_create_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("not-yet.db");
    let url = format!("sqlite://{}", file.display());
    let migrator = Migrator::new(&url);
    assert_eq!(
        migrator.plan(&Order::Up).await.expect("a plan").steps.len(),
        ALL.len()
    );
    assert_eq!(migrator.status().await.expect("a status").len(), ALL.len());
    assert!(migrator.verify().await.expect("a comparison").is_empty());
    assert!(!file.exists());
}

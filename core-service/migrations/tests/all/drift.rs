//! Schemas that are not what the migrations give.

use migrations::{ALL, Migrator};

use crate::fakes::{Fake, PLANETS};

async fn differences(fake: &Fake) -> String {
    let differences = Migrator::new(fake.database.url())
        .verify()
        .await
        .expect("a comparison");
    assert!(!differences.is_empty());
    differences.to_string()
}

#[tokio::test]
async fn names_what_is_missing_and_what_is_too_much() {
    let fake = Fake::with(&[PLANETS]).await;
    fake.execute("ALTER TABLE planets ADD COLUMN mass text NOT NULL DEFAULT 'some'")
        .await;
    fake.execute("CREATE TABLE comets (id bigint)").await;
    let differences = Migrator::with(fake.database.url(), &[PLANETS])
        .verify()
        .await
        .expect("a comparison");
    let (mass, id) = match fake.database.is_postgres() {
        true => ("mass text not null default 'some'::text", "id bigint"),
        false => ("mass text not null default 'some'", "id bigint"),
    };
    assert_eq!(
        differences.to_string(),
        format!(
            "- the migrations make it, but the database lacks it\n\
             + the database has it, but no migration makes it\n\
             comets\n  + {id}\n  + table\nplanets\n  + {mass}"
        )
    );
}

#[tokio::test]
async fn sees_every_kind_of_change() {
    let fake = Fake::with(ALL).await;
    let mut changes = vec![
        ("DROP INDEX likes_user_id", "likes_user_id"),
        (
            "CREATE INDEX likes_created_at ON likes (created_at)",
            "likes_created_at",
        ),
        ("ALTER TABLE users RENAME COLUMN bio TO biography", "biography"),
        ("DROP TABLE follows", "follows"),
        (
            "CREATE VIEW readers AS SELECT id FROM users WHERE role = 'reader'",
            "readers",
        ),
    ];
    if fake.database.is_postgres() {
        changes.extend([
            (
                "ALTER TABLE books ALTER COLUMN currency SET DEFAULT 'EUR'",
                "'EUR'",
            ),
            ("ALTER TABLE books ALTER COLUMN title DROP NOT NULL", "title text"),
            (
                "ALTER TABLE books DROP CONSTRAINT books_stock_check",
                "books_stock_check",
            ),
            (
                "ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey",
                "sessions_user_id_fkey",
            ),
            (
                "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "SELECT 1",
            ),
        ]);
    } else {
        changes.push(("DROP TRIGGER books_search_update", "books_search_update"));
    }
    for (change, trace) in changes {
        fake.execute(change).await;
        let differences = differences(&fake).await;
        assert!(differences.contains(trace), "{change}: {differences}");
    }
}

#[tokio::test]
async fn a_comparison_leaves_nothing_behind() {
    let fake = Fake::with(ALL).await;
    let migrator = Migrator::new(fake.database.url());
    for _ in 0..2 {
        assert!(migrator.verify().await.expect("a comparison").is_empty());
    }
    assert!(
        fake.number("SELECT count(*) FROM migrations_verify.users")
            .await
            .is_none()
    );
}

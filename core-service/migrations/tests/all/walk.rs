//! All migrations of the project, up and down, to every name on the way.

use migrations::{ALL, Migrator, Order};

use crate::fakes::Fake;

async fn verify(fake: &Fake, place: &str) {
    let differences = Migrator::new(fake.database.url())
        .verify()
        .await
        .expect("a comparison");
    assert!(differences.is_empty(), "{place}: {differences}");
}

#[tokio::test]
async fn undoing_to_any_name_gives_the_schema_of_going_up_to_it() {
    let fake = Fake::with(ALL).await;
    for (place, migration) in ALL.iter().enumerate().rev() {
        let undone = fake
            .run(ALL, Order::UndoTo(migration.name.to_owned()))
            .await
            .expect("a way back");
        assert_eq!(undone.len(), ALL.len() - 1 - place);
        verify(&fake, migration.name).await;

        fake.run(ALL, Order::Up).await.expect("a way up again");
        verify(&fake, "up again").await;
    }
}

#[tokio::test]
async fn going_up_step_by_step_or_at_once_gives_the_same_schema() {
    let fake = Fake::new().await;
    for migration in ALL {
        let done = fake
            .run(ALL, Order::UpTo(migration.name.to_owned()))
            .await
            .expect("a step");
        assert_eq!(done, [format!("up {}", migration.name)]);
        verify(&fake, migration.name).await;
    }
}

#[tokio::test]
async fn undoing_everything_leaves_the_ledger_and_nothing_else() {
    let fake = Fake::with(ALL).await;
    fake.run(ALL, Order::UndoAll).await.expect("a way back");
    verify(&fake, "everything undone").await;
    assert!(fake.applied().await.is_empty());
    for table in ["users", "posts", "likes", "books", "books_search", "sessions"] {
        assert!(!fake.has_table(table).await, "{table}");
    }
}

#[tokio::test]
async fn counts_the_likes_and_comments_that_were_there_before_the_counters() {
    let fake = Fake::new().await;
    fake.run(ALL, Order::UpTo("create-likes".to_owned()))
        .await
        .expect("the tables");
    fake.execute(
        "INSERT INTO users (id, username, username_key, password_hash, created_at, updated_at)
         VALUES (1, 'ada', 'ada', '', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z')",
    )
    .await;
    fake.execute(
        "INSERT INTO posts (id, author_id, slug, title, description, body, created_at, updated_at)
         VALUES (7, 1, 'first', 'First', '', '', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z')",
    )
    .await;
    fake.execute("INSERT INTO likes (post_id, user_id, created_at) VALUES (7, 1, '2025-08-20 10:00:00Z')")
        .await;
    fake.run(ALL, Order::UpTo("create-comments".to_owned()))
        .await
        .expect("more tables");
    fake.execute(
        "INSERT INTO comments (post_id, author_id, body, created_at, updated_at, deleted_at) VALUES
         (7, 1, 'stays', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z', NULL),
         (7, 1, 'gone', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z')",
    )
    .await;

    fake.run(ALL, Order::Up).await.expect("the rest");

    assert_eq!(fake.number("SELECT like_count FROM posts").await, Some(1));
    assert_eq!(fake.number("SELECT comment_count FROM posts").await, Some(1));
}

#[test]
fn every_migration_can_be_undone() {
    let stuck: Vec<_> = ALL
        .iter()
        .filter(|migration| migration.down().is_empty())
        .collect();
    assert!(stuck.is_empty(), "{stuck:?}");
}

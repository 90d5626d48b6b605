//! `core-service seed …`.

use core_service::repositories::users;
use core_service::services::passwords::{Passwords, Verdict};
use core_service::settings::Settings;
use core_service::validators::users::Password;

use crate::shop::Shop;

const TABLES: [&str; 9] = [
    "users",
    "follows",
    "books",
    "posts",
    "post_tags",
    "likes",
    "comments",
    "orders",
    "order_items",
];

async fn rows(shop: &Shop) -> Vec<(&'static str, i64)> {
    let mut rows = Vec::new();
    for table in TABLES {
        rows.push((table, shop.number(&format!("SELECT count(*) FROM {table}")).await));
    }
    rows
}

#[tokio::test]
async fn seeds_once_however_often_it_is_told_to() {
    let shop = Shop::migrated().await;
    insta::assert_snapshot!(shop.done("seed"), @"
    up    20250912090000-demo-users
    up    20250912091000-demo-books
    up    20250912092000-demo-posts
    up    20250917100000-demo-orders

    Demo accounts, for demonstrations only: everybody knows their password, which is `demo-password`.
      demo@triptych.example   a reader
      staff@triptych.example  staff
      admin@triptych.example  an administrator
      mira@, jonas@ and priya@triptych.example, who write

    Demo books: real ones, with prices and stocks that are made up.

    Demo posts by the demo accounts, with comments and likes.

    Demo orders by the demo accounts, from just placed to delivered.
    ");
    let once = rows(&shop).await;
    assert_eq!(
        once,
        [
            ("users", 6),
            ("follows", 11),
            ("books", 42),
            ("posts", 30),
            ("post_tags", 66),
            ("likes", 78),
            ("comments", 22),
            ("orders", 6),
            ("order_items", 12),
        ]
    );

    insta::assert_snapshot!(shop.done("seed"), @"Nothing to do: every seeder ran already (`seed --again NAME` runs one once more).");
    assert_eq!(rows(&shop).await, once);
}

#[tokio::test]
async fn undo_takes_everything_away_and_seeding_again_brings_it_back() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    let once = rows(&shop).await;

    insta::assert_snapshot!(shop.done("seed undo --yes"), @"
    down  20250917100000-demo-orders
    down  20250912092000-demo-posts
    down  20250912091000-demo-books
    down  20250912090000-demo-users
    4 seeders undone.
    ");
    assert_eq!(rows(&shop).await, TABLES.map(|table| (table, 0)));
    assert_eq!(shop.done("seed undo --yes"), "Nothing to do: no seeder ran here.");

    shop.done("seed");
    assert_eq!(rows(&shop).await, once);
}

#[tokio::test]
async fn the_demo_accounts_have_their_roles_and_the_known_password() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    let db = shop.connect().await;
    let passwords = Passwords::new(&Settings::load(None).unwrap().password).unwrap();
    for (email, role) in [
        ("demo@triptych.example", "Reader"),
        ("staff@triptych.example", "Staff"),
        ("admin@triptych.example", "Admin"),
    ] {
        let account = users::find_by_email(&db, email)
            .await
            .unwrap()
            .expect("a demo account");
        assert_eq!(format!("{:?}", account.role), role);
        let password = Password("demo-password".to_owned());
        let verdict = passwords
            .verify(password, Some(account.password_hash))
            .await
            .unwrap();
        assert_eq!(verdict, Verdict::Right);
    }
}

#[tokio::test]
async fn the_counts_of_the_demo_posts_are_right() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    let wrong = "SELECT count(*) FROM posts WHERE
        like_count <> (SELECT count(*) FROM likes WHERE post_id = posts.id)
        OR comment_count <> (SELECT count(*) FROM comments WHERE post_id = posts.id)";
    assert_eq!(shop.number(wrong).await, 0);
    assert_eq!(
        shop.number("SELECT count(*) FROM posts WHERE book_id IS NOT NULL")
            .await,
        23
    );
}

#[tokio::test]
async fn undo_leaves_what_others_have() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    shop.execute(
        "INSERT INTO users (username, username_key, password_hash, created_at, updated_at)
         VALUES ('ada', 'ada', '', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z');
         INSERT INTO books (title, authors, price_cents, currency, stock, created_at, updated_at)
         VALUES ('Emma', '[]', 1, 'EUR', 1, '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z');
         INSERT INTO posts (author_id, book_id, slug, title, description, body, created_at, updated_at)
         SELECT users.id, books.id, 'mine', 'Mine', '', '', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z'
         FROM users, books WHERE username = 'ada' AND books.title = 'Dune';
         INSERT INTO comments (post_id, author_id, body, created_at, updated_at)
         SELECT posts.id, users.id, 'By a demo account', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z'
         FROM users, posts WHERE username = 'jonas' AND slug = 'mine';
         INSERT INTO likes (post_id, user_id, created_at)
         SELECT posts.id, users.id, '2025-08-20 10:00:00Z' FROM users, posts
         WHERE username = 'mira' AND slug = 'mine';
         INSERT INTO orders (buyer_id, state, currency, total_cents, copies, placed_at)
         SELECT id, 'placed', 'EUR', 1, 1, '2025-09-20 10:00:00Z' FROM users WHERE username = 'priya';
         INSERT INTO order_items (order_id, book_id, position, title, price_cents, quantity)
         SELECT orders.id, books.id, 0, 'Neuromancer', 1, 1 FROM orders, books
         WHERE total_cents = 1 AND books.title = 'Neuromancer'",
    )
    .await;

    shop.done("seed undo --yes");

    // Ada, her post and her book are there; so are, out of sight, the accounts and the books that her post and an
    // order need.
    assert_eq!(
        rows(&shop).await,
        [
            ("users", 3),
            ("follows", 0),
            ("books", 3),
            ("posts", 1),
            ("post_tags", 0),
            ("likes", 0),
            ("comments", 1),
            ("orders", 1),
            ("order_items", 1),
        ]
    );
    assert_eq!(
        shop.number("SELECT count(*) FROM users WHERE deleted_at IS NULL")
            .await,
        1
    );
    assert_eq!(
        shop.number("SELECT count(*) FROM books WHERE deleted_at IS NULL")
            .await,
        1
    );
    assert_eq!(shop.number("SELECT sum(likes) FROM post_count_deltas").await, -1);
    shop.done("seed");
}

#[tokio::test]
async fn again_runs_one_seeder_once_more() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    shop.execute("UPDATE posts SET title = 'spoilt'").await;
    insta::assert_snapshot!(shop.done("seed --again demo-posts"), @"
    down  20250912092000-demo-posts
    up    20250912092000-demo-posts

    Demo posts by the demo accounts, with comments and likes.
    ");
    assert_eq!(
        shop.number("SELECT count(*) FROM posts WHERE title = 'spoilt'")
            .await,
        0
    );
    assert_eq!(shop.number("SELECT count(*) FROM posts").await, 30);
}

#[tokio::test]
async fn undo_of_one_seeder_leaves_the_others() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    shop.done("seed undo demo-posts --yes");
    assert_eq!(shop.number("SELECT count(*) FROM posts").await, 0);
    assert_eq!(shop.number("SELECT count(*) FROM users").await, 6);
    assert!(
        shop.refused("seed undo demo-posts --yes")
            .contains("`20250912092000-demo-posts` did not run here")
    );
    let unknown = shop.refused("seed undo demo-boks --yes");
    assert!(
        unknown.contains("there is no seeder `demo-boks`; did you mean"),
        "{unknown}"
    );
}

#[tokio::test]
async fn undo_refuses_where_nobody_can_be_asked() {
    let shop = Shop::migrated().await;
    shop.done("seed");
    assert!(shop.refused("seed undo").contains("say --yes if that is meant"));
    assert_eq!(shop.number("SELECT count(*) FROM users").await, 6);
}

#[tokio::test]
async fn status_lists_the_seeders() {
    let shop = Shop::migrated().await;
    insta::assert_snapshot!(shop.done("seed status"), @"
    SEEDER                      STATE    APPLIED (UTC)
    20250912090000-demo-users   pending
    20250912091000-demo-books   pending
    20250912092000-demo-posts   pending
    20250917100000-demo-orders  pending
    ");
    shop.done("seed");
    shop.execute("UPDATE seeds SET checksum = 'another' WHERE name = '20250912091000-demo-books'")
        .await;
    let status = shop.done("seed status");
    assert!(
        status.contains("demo-users   applied") && status.contains("demo-books   changed"),
        "{status}"
    );
}

#[tokio::test]
async fn a_name_that_somebody_else_has_stops_it_and_leaves_nothing() {
    let shop = Shop::migrated().await;
    shop.execute(
        "INSERT INTO users (username, username_key, password_hash, created_at, updated_at)
         VALUES ('Staff', 'staff', '', '2025-08-20 10:00:00Z', '2025-08-20 10:00:00Z')",
    )
    .await;
    insta::assert_snapshot!(shop.refused("seed"), @"error: up of `20250912090000-demo-users` failed and left nothing behind: the account `staff` cannot be made: username is taken");
    assert_eq!(shop.number("SELECT count(*) FROM users").await, 1);
    assert!(shop.done("seed status").contains("demo-users   pending"));
}

#[tokio::test]
async fn asks_for_the_schema_first() {
    let shop = Shop::new().await;
    let refused = shop.refused("seed");
    assert!(
        refused.contains("migrations are pending; run `core-service migrate up` first"),
        "{refused}"
    );
}

#[tokio::test]
async fn create_writes_a_seeder_that_the_next_build_finds() {
    let shop = Shop::new().await;
    let folder = shop.make_folder("core-service/seeders");
    shop.done("seed create demo-orders");
    let file = migrations::folder::list(&folder)
        .unwrap()
        .pop()
        .expect("a new file");
    assert!(file.name.ends_with("-demo-orders"));
    let text = std::fs::read_to_string(&file.path).unwrap();
    assert!(
        text.contains("pub async fn up(tx: &DatabaseTransaction)"),
        "{text}"
    );
    assert!(
        text.contains("pub const ABOUT: &str = \"Demo orders.\""),
        "{text}"
    );
}

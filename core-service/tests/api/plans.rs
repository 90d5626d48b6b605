//! PostgreSQL's plans of the hot reads over a full house: no table that grows is ever read from end to end.

use proto::books::v1::{BatchGetBookViewerStatesRequest, BookOrder, GetBookRequest, ListBooksRequest};
use proto::orders::v1::{BatchGetOrdersRequest, ListOrdersRequest, OrderState, SalesByDayRequest};
use proto::posts::v1::{
    BatchGetCommentsRequest, BatchGetPostViewerStatesRequest, BatchGetPostsRequest, ListCommentsRequest,
    ListModerationsRequest, ListNewestCommentsRequest, ListPostsRequest,
};
use proto::users::v1::{BatchGetUserViewerStatesRequest, BatchGetUsersRequest, GetAccountRequest};
use sea_orm::{ConnectionTrait, Statement};

use crate::app::{Actor, App, by_slug, mask};

/// 10,000 users, 20,000 posts, 40,000 tags on them, 100,000 likes, 40,000 comments, 10,000 of them moderated,
/// 20,000 follows, 10,000 books, 20,000 orders of two books each, 100,000 changes; one post is liked by 1,000.
const FULL_HOUSE: &str = "
SET statement_timeout = 0;
INSERT INTO users (username, username_key, name, email, email_key, password_hash, role, created_at, updated_at)
  SELECT 'u' || n, 'u' || n, '', 'u' || n || '@example.org', 'u' || n || '@example.org', '', 'reader', now(), now()
  FROM generate_series(1, 10000) n;
INSERT INTO books (title, authors, price_cents, currency, stock, ratings_count, search_text, created_at, updated_at)
  SELECT 'Book ' || n, '[\"A\"]', 100, 'EUR', n % 50, n * 7 % 10007, 'book word' || n || ' author' || n % 900, now(), now()
  FROM generate_series(1, 10000) n;
INSERT INTO posts (author_id, book_id, slug, title, description, body, created_at, updated_at)
  SELECT n % 1000 + 1, n % 10000 + 1, 'slug-' || n, 'Post ' || n, 'About', repeat('text ', 40), now(), now()
  FROM generate_series(1, 20000) n;
INSERT INTO post_tags (post_id, name, position)
  SELECT n, 'tag' || (n * k) % 500, k FROM generate_series(1, 20000) n, generate_series(1, 2) k ON CONFLICT DO NOTHING;
INSERT INTO likes (post_id, user_id, created_at)
  SELECT n * 13 % 20000 + 1, n % 1000 + 1, now() FROM generate_series(1, 100000) n ON CONFLICT DO NOTHING;
INSERT INTO likes (post_id, user_id, created_at)
  SELECT 20000, n, now() FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING;
INSERT INTO comments (post_id, author_id, body, created_at, updated_at)
  SELECT n % 20000 + 1, n % 1000 + 1, 'Well', now(), now() FROM generate_series(1, 40000) n;
INSERT INTO moderations (post_id, comment_id, author_id, moderator_id, reason, created_at)
  SELECT n % 20000 + 1, n, n % 1000 + 1, 1, 'Rude', now() FROM generate_series(1, 10000) n;
INSERT INTO follows (follower_id, followee_id, created_at)
  SELECT n % 1000 + 1, n * 7 % 1000 + 1, now() FROM generate_series(1, 20000) n ON CONFLICT DO NOTHING;
INSERT INTO sessions (user_id, token_hash, client, device, generation, confirmed_generation, created_at, refreshed_at, used_at, expires_at)
  SELECT n % 1000 + 1, sha256(n::text::bytea), 'web', '', 1, 0, now(), now(), now(), now() FROM generate_series(1, 10000) n;
INSERT INTO orders (buyer_id, state, currency, total_cents, copies, placed_at, paid_at)
  SELECT n % 1000 + 1, CASE WHEN n > 19900 THEN 'paid' ELSE 'delivered' END, 'EUR', 200, 2,
    now() - n * interval '1 hour', now() - n * interval '1 hour'
  FROM generate_series(1, 20000) n;
INSERT INTO order_items (order_id, book_id, position, title, price_cents, quantity)
  SELECT n, (n * k) % 10000 + 1, k, 'Book', 100, 1 FROM generate_series(1, 20000) n, generate_series(1, 2) k ON CONFLICT DO NOTHING;
INSERT INTO change_log (seq, kind, operation, entity_id, audience, owner_id)
  SELECT n, 2, 1, n, n % 4 + 1, n % 1000 + 1 FROM generate_series(1, 100000) n;
UPDATE feed_head SET last_seq = 100000;
ANALYZE;
";

/// What would have to be read from end to end, were there no fitting index.
const TABLES: [&str; 12] = [
    "users",
    "sessions",
    "posts",
    "post_tags",
    "likes",
    "comments",
    "moderations",
    "follows",
    "books",
    "orders",
    "order_items",
    "change_log",
];

/// An app with a full house, where the database has plans to read.
async fn full_house() -> Option<(App, Actor)> {
    let app = App::start().await;
    if !app.is_postgres() {
        return None; // SQLite's planner cannot make the mistakes that these tests are about.
    }
    app.db.read().execute_unprepared(FULL_HOUSE).await.unwrap();
    let ada = app.reader("ada").await;
    app.db
        .read()
        .execute_unprepared(
            "INSERT INTO follows SELECT 10001, n, now() FROM generate_series(1, 40) n; ANALYZE",
        )
        .await
        .unwrap();
    Some((app, ada))
}

/// The tables that the statements read from end to end.
async fn read_from_end_to_end(app: &App, statements: &[Statement]) -> Vec<String> {
    let mut offenders = Vec::new();
    for statement in statements {
        let explain = Statement::from_string(statement.db_backend, format!("EXPLAIN {statement}"));
        for line in app.db.read().query_all_raw(explain).await.unwrap() {
            let line: String = line.try_get_by_index(0).unwrap();
            let scanned = line
                .split("Seq Scan on ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next());
            if scanned.is_some_and(|table| TABLES.contains(&table)) {
                offenders.push(format!("{} in {}", line.trim(), statement.sql));
            }
        }
    }
    offenders
}

#[tokio::test]
async fn no_hot_read_reads_a_table_from_end_to_end() {
    let Some((app, ada)) = full_house().await else {
        return;
    };
    let (mut posts, mut books, mut users) = (app.posts(), app.books(), app.users());
    let list = ListPostsRequest::default;
    let viewer = || mask(&["title", "author", "tags", "like_count", "comment_count", "viewer"]);

    let mut seen = Vec::new();
    for request in [
        list(),
        ListPostsRequest {
            read_mask: viewer(),
            ..list()
        },
        ListPostsRequest {
            feed: true,
            read_mask: viewer(),
            ..list()
        },
        ListPostsRequest {
            tag: "tag7".to_owned(),
            ..list()
        },
        ListPostsRequest {
            author: "u7".to_owned(),
            ..list()
        },
        ListPostsRequest {
            liked_by: "u7".to_owned(),
            ..list()
        },
        ListPostsRequest {
            book_id: Some(7),
            ..list()
        },
        ListPostsRequest { skip: 40, ..list() },
    ] {
        seen.extend(app.statements(posts.list_posts(ada.asks(request))).await);
    }
    let batch = BatchGetPostsRequest {
        ids: (1..=20).collect(),
        read_mask: viewer(),
        ..Default::default()
    };
    seen.extend(app.statements(posts.batch_get_posts(ada.asks(batch))).await);
    seen.extend(app.statements(posts.get_post(by_slug("slug-20000"))).await);
    let states = BatchGetPostViewerStatesRequest {
        post_ids: (1..=20).collect(),
    };
    seen.extend(
        app.statements(posts.batch_get_post_viewer_states(ada.asks(states)))
            .await,
    );
    let comments = ListCommentsRequest {
        slug: "slug-7".to_owned(),
        ..Default::default()
    };
    seen.extend(app.statements(posts.list_comments(comments)).await);
    let comments = BatchGetCommentsRequest {
        ids: (1..=20).collect(),
        read_mask: None,
    };
    seen.extend(app.statements(posts.batch_get_comments(comments)).await);

    let tim = app.staff("tim").await;
    let mut moderation = app.moderation();
    let newest = tim.asks(ListNewestCommentsRequest::default());
    seen.extend(app.statements(moderation.list_newest_comments(newest)).await);
    let removals = tim.asks(ListModerationsRequest::default());
    seen.extend(app.statements(moderation.list_moderations(removals)).await);

    seen.extend(
        app.statements(books.get_book(GetBookRequest {
            id: 7,
            read_mask: None,
        }))
        .await,
    );
    for order in [BookOrder::Popular, BookOrder::Newest, BookOrder::Stock] {
        let request = ListBooksRequest {
            order: order.into(),
            ..Default::default()
        };
        let page = books.list_books(request.clone()).await.unwrap().into_inner();
        let next = ListBooksRequest {
            page_token: page.next_page_token,
            ..request.clone()
        };
        seen.extend(app.statements(books.list_books(request)).await);
        seen.extend(app.statements(books.list_books(next)).await);
    }
    let search = ListBooksRequest {
        query: "author12 word".to_owned(),
        ..Default::default()
    };
    seen.extend(app.statements(books.list_books(search)).await);

    let people = BatchGetUsersRequest {
        ids: (1..=20).collect(),
        ..Default::default()
    };
    seen.extend(app.statements(users.batch_get_users(people)).await);
    let named = BatchGetUsersRequest {
        usernames: vec!["u7".to_owned()],
        ids: vec![1],
        read_mask: None,
    };
    seen.extend(app.statements(users.batch_get_users(named)).await);
    seen.extend(
        app.statements(users.get_account(ada.asks(GetAccountRequest {})))
            .await,
    );
    let states = BatchGetUserViewerStatesRequest {
        user_ids: (1..=20).collect(),
    };
    seen.extend(
        app.statements(users.batch_get_user_viewer_states(ada.asks(states)))
            .await,
    );

    seen.extend(of_orders(&app, &ada, &tim).await);
    seen.extend(of_changes(&app, &ada).await);

    assert!(seen.len() > 35, "{} statements were seen", seen.len());
    assert_eq!(read_from_end_to_end(&app, &seen).await, Vec::<String>::new());

    // The mutant: without one reverse index the same look at the same statements finds offenders.
    app.db
        .read()
        .execute_unprepared("DROP INDEX likes_user_id")
        .await
        .unwrap();
    assert_ne!(read_from_end_to_end(&app, &seen).await, Vec::<String>::new());
}

/// The statements of the reads of the log of changes, from its end and from further back.
async fn of_changes(app: &App, ada: &Actor) -> Vec<Statement> {
    use proto::changes::v1::{ListChangesRequest, Position};
    let mut changes = app.changes();
    let list = |after| {
        ada.asks(ListChangesRequest {
            after,
            page_size: 100,
        })
    };
    let mut seen = app.statements(changes.list_changes(list(None))).await;
    let end = changes.list_changes(list(None)).await.unwrap().into_inner().next;
    let further_back = end.map(|end| Position {
        seq: end.seq - 50_000,
        ..end
    });
    for place in [end, further_back] {
        seen.extend(app.statements(changes.list_changes(list(place))).await);
    }
    seen
}

/// The statements of the reads about orders, for a buyer and at the desk.
async fn of_orders(app: &App, ada: &Actor, tim: &Actor) -> Vec<Statement> {
    let (mut orders, mut books) = (app.orders(), app.books());
    let list = ListOrdersRequest::default;
    let to_fulfil = ListOrdersRequest {
        state: OrderState::Paid.into(),
        oldest_first: true,
        ..list()
    };
    let mut seen = Vec::new();
    for (by, request) in [
        (ada, list()),
        (tim, list()),
        (ada, to_fulfil.clone()),
        (tim, to_fulfil),
    ] {
        seen.extend(app.statements(orders.list_orders(by.asks(request))).await);
    }
    let page = orders.list_orders(tim.asks(list())).await.unwrap().into_inner();
    let next = ListOrdersRequest {
        page_token: page.next_page_token,
        ..list()
    };
    seen.extend(app.statements(orders.list_orders(tim.asks(next))).await);
    for by in [ada, tim] {
        let batch = BatchGetOrdersRequest {
            ids: (1..=20).collect(),
            read_mask: None,
        };
        seen.extend(app.statements(orders.batch_get_orders(by.asks(batch))).await);
    }
    let sales = SalesByDayRequest { days: 14 };
    seen.extend(app.statements(orders.sales_by_day(tim.asks(sales))).await);
    let states = BatchGetBookViewerStatesRequest {
        book_ids: (1..=20).collect(),
    };
    seen.extend(
        app.statements(books.batch_get_book_viewer_states(ada.asks(states)))
            .await,
    );
    seen
}

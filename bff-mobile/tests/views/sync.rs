//! Catching up.

use proto::{
    books::v1::BatchGetBooksResponse,
    changes::v1::{Change, Kind, ListChangesResponse, Operation, Position},
    orders::v1::BatchGetOrdersResponse,
    posts::v1::{BatchGetPostViewerStatesResponse, BatchGetPostsResponse, Post, PostViewerState},
    users::v1::{BatchGetUsersResponse, User},
};
use serde_json::json;
use test_kit::fake_core::{
    BatchGetBooks, BatchGetOrders, BatchGetPostViewerStates, BatchGetPosts, BatchGetUsers, GetAccount,
    ListChanges,
};
use tonic::Status;

use crate::harness::{App, account, book, order, post, start};

const CURSOR: &str = "AAAAAAAAAAcAAAAAAAAAKgAAAAAAAAAJ";

fn change(kind: Kind, id: i64, operation: Operation) -> Change {
    Change {
        kind: kind.into(),
        id,
        operation: operation.into(),
        ..Change::default()
    }
}

/// A page of these changes, at whose end the cursor is [`CURSOR`].
fn page(changes: Vec<Change>) -> ListChangesResponse {
    let next = Position {
        epoch: 7,
        seq: 42,
        tag: 9,
    };
    ListChangesResponse {
        changes,
        next: Some(next),
        more: false,
        resync: false,
    }
}

async fn since(app: &App) -> serde_json::Value {
    app.ada.get(&format!("/v1/sync?since={CURSOR}")).await.ok()
}

#[tokio::test]
async fn at_first_one_is_told_where_to_begin() {
    let app = start().await;
    let end = ListChangesResponse {
        resync: true,
        ..page(Vec::new())
    };
    app.core.gives(ListChanges, end);

    let begin = app.ada.get("/v1/sync").await;
    assert_eq!(begin.header("cache-control"), "no-store");
    assert_eq!(begin.ok(), json!({"cursor": CURSOR, "more": false}));
    let call = app.core.call(ListChanges);
    assert_eq!(
        (call.header("authorization"), call.message.after),
        ("Bearer ada-s-token", None)
    );
}

#[tokio::test]
async fn what_has_changed_comes_as_it_is_now_and_costs_one_call_for_each_kind() {
    let app = start().await;
    let changes = vec![
        change(Kind::Book, 7, Operation::Counted),
        change(Kind::Post, 1, Operation::Updated),
        change(Kind::Post, 2, Operation::Created),
        change(Kind::Book, 8, Operation::Updated),
        change(Kind::Book, 7, Operation::Updated),
        change(Kind::Order, 5, Operation::Updated),
        change(Kind::Like, 2, Operation::Created),
        change(Kind::Follow, 4, Operation::Created),
        change(Kind::Follow, 6, Operation::Deleted),
        change(Kind::Account, 1, Operation::Updated),
        change(Kind::Comment, 3, Operation::Created),
        change(Kind::Post, 9, Operation::Deleted),
    ];
    app.core.gives(ListChanges, page(changes));
    let books = vec![book(7)];
    app.core.gives(BatchGetBooks, BatchGetBooksResponse { books });
    let orders = vec![order(5)];
    app.core.gives(BatchGetOrders, BatchGetOrdersResponse { orders });
    let by_another = Post {
        author: Some(User {
            id: 4,
            username: "eve".to_owned(),
            ..User::default()
        }),
        ..post(2)
    };
    let posts = vec![post(1), by_another];
    app.core.gives(BatchGetPosts, BatchGetPostsResponse { posts });
    let state = |post_id, following_author| PostViewerState {
        post_id,
        liked: false,
        following_author,
    };
    let states = vec![state(1, false), state(2, true)];
    app.core.gives(
        BatchGetPostViewerStates,
        BatchGetPostViewerStatesResponse { states },
    );
    let named = |id, name: &str| User {
        id,
        username: name.to_owned(),
        ..User::default()
    };
    let users = vec![named(4, "eve"), named(6, "tom")];
    app.core.gives(BatchGetUsers, BatchGetUsersResponse { users });
    app.core.gives(GetAccount, account());

    let changes = since(&app).await;

    assert_eq!(app.core.call(BatchGetBooks).message.ids, [7, 8]);
    assert_eq!(app.core.call(BatchGetPosts).message.ids, [1, 2]);
    assert_eq!(app.core.call(BatchGetPostViewerStates).message.post_ids, [1, 2]);
    assert_eq!(app.core.call(BatchGetOrders).message.ids, [5]);
    assert_eq!(app.core.call(BatchGetUsers).message.ids, [4, 6]);
    app.core.call(GetAccount);
    insta::assert_json_snapshot!(changes, @r#"
    {
      "account": {
        "bio": "Only for profiles.",
        "email": "ada@example.org",
        "image": "https://example.org/ada.png",
        "name": "Ada Lovelace",
        "username": "ada"
      },
      "books": [
        {
          "author": "First Author",
          "cover": [
            {
              "url": "https://images.gr-assets.com/books/1447303603m/2767052.jpg",
              "width": 98
            }
          ],
          "currency": "EUR",
          "id": 7,
          "priceCents": 1299,
          "rating": 4.12,
          "title": "Book 7"
        }
      ],
      "cursor": "AAAAAAAAAAcAAAAAAAAAKgAAAAAAAAAJ",
      "follows": [
        {
          "following": true,
          "username": "eve"
        },
        {
          "following": false,
          "username": "tom"
        }
      ],
      "gone": [
        {
          "id": 8,
          "kind": "book"
        },
        {
          "id": 9,
          "kind": "post"
        }
      ],
      "likes": [
        {
          "liked": true,
          "postId": 2
        }
      ],
      "more": false,
      "orders": [
        {
          "currency": "EUR",
          "id": 5,
          "items": [
            {
              "bookId": 7,
              "priceCents": 1299,
              "quantity": 2,
              "title": "Book 7"
            },
            {
              "bookId": 8,
              "priceCents": 1299,
              "quantity": 1,
              "title": "Book 8"
            }
          ],
          "paidAt": "2023-11-14T22:15:00.000Z",
          "placedAt": "2023-11-14T22:13:20.000Z",
          "shippedAt": "2023-11-14T22:16:40.000Z",
          "state": "shipped",
          "totalCents": 3897
        }
      ],
      "posts": [
        {
          "author": "ada",
          "comments": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "excerpt": "word word word word word word word word word word word word word word word word word word word word word word word word word word word…",
          "id": 1,
          "likes": 3,
          "slug": "post-1",
          "title": "Post 1"
        },
        {
          "author": "eve",
          "comments": 2,
          "createdAt": "2023-11-14T22:13:20.000Z",
          "excerpt": "word word word word word word word word word word word word word word word word word word word word word word word word word word word…",
          "id": 2,
          "likes": 3,
          "slug": "post-2",
          "title": "Post 2"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn posts_of_others_are_nobody_s_news() {
    let app = start().await;
    app.core
        .gives(ListChanges, page(vec![change(Kind::Post, 2, Operation::Created)]));
    let by_another = Post {
        author: Some(User {
            id: 4,
            ..User::default()
        }),
        ..post(2)
    };
    let posts = vec![by_another];
    app.core.gives(BatchGetPosts, BatchGetPostsResponse { posts });
    let states = vec![PostViewerState {
        post_id: 2,
        ..PostViewerState::default()
    }];
    app.core.gives(
        BatchGetPostViewerStates,
        BatchGetPostViewerStatesResponse { states },
    );
    app.core.gives(GetAccount, account());
    assert_eq!(since(&app).await, json!({"cursor": CURSOR, "more": false}));
}

#[tokio::test]
async fn whoever_was_away_for_too_long_starts_over() {
    let app = start().await;
    let lost = ListChangesResponse {
        resync: true,
        ..page(Vec::new())
    };
    app.core.gives(ListChanges, lost);
    let answer = app.ada.get(&format!("/v1/sync?since={CURSOR}")).await;
    assert_eq!(answer.problem(), (410, "SYNC_TOO_OLD"));
}

#[tokio::test]
async fn a_part_that_cannot_be_fetched_takes_the_cursor_along() {
    let app = start().await;
    app.core
        .gives(ListChanges, page(vec![change(Kind::Book, 7, Operation::Updated)]));
    app.core.refuses(BatchGetBooks, Status::unavailable("gone"));
    let answer = app.ada.get(&format!("/v1/sync?since={CURSOR}")).await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let app = start().await;
    for (query, error) in [
        ("first=0", "first has to be at least 1"),
        ("after=x", "after is unknown"),
    ] {
        assert_eq!(app.ada.get(&format!("/v1/sync?{query}")).await.errors(), [error]);
    }
    assert_eq!(
        app.ada.get("/v1/sync?since=7").await.problem(),
        (422, "INVALID_INPUT")
    );
    assert_eq!(app.guest.get("/v1/sync").await.problem(), (401, "TOKEN_MISSING"));
    assert!(app.core.calls(ListChanges).is_empty());
}

//! The copy of the shop.

use proto::{
    books::v1::{BatchGetBooksResponse, ListBooksResponse},
    changes::v1::{Change, Kind, ListChangesResponse, Operation, Position},
    orders::v1::{BatchGetOrdersResponse, ListOrdersResponse},
    posts::v1::{BatchGetPostsResponse, ListPostsResponse},
};
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::fake_core::{
    BatchGetBooks, BatchGetOrders, BatchGetPosts, ListBooks, ListChanges, ListOrders, ListPosts,
};
use test_kit::status::invalid;
use tonic::Status;

use crate::harness::{App, book, order, post, start};

const CURSOR: &str = "AAAAAAAAAAcAAAAAAAAAKgAAAAAAAAAJ";

fn page(changes: Vec<Change>, resync: bool) -> ListChangesResponse {
    let next = Position {
        epoch: 7,
        seq: 42,
        tag: 9,
    };
    ListChangesResponse {
        changes,
        next: Some(next),
        more: true,
        resync,
    }
}

/// With a shop of two pages of books, and one of orders and of posts.
async fn with_a_shop() -> App {
    let app = start().await;
    app.core.gives(ListChanges, page(Vec::new(), true));
    app.core.on(ListBooks, |request| {
        let (id, next) = if request.page_token.is_empty() {
            (1, "two")
        } else {
            (2, "")
        };
        Ok(ListBooksResponse {
            books: vec![book(id)],
            next_page_token: next.to_owned(),
        })
    });
    app.core.gives(
        ListOrders,
        ListOrdersResponse {
            orders: vec![order(5)],
            next_page_token: String::new(),
        },
    );
    app.core.gives(
        ListPosts,
        ListPostsResponse {
            posts: vec![post(3)],
            ..ListPostsResponse::default()
        },
    );
    app
}

/// The lines of a snapshot, of each its name and its number or text.
async fn lines(app: &App, path: &str) -> Vec<String> {
    let response = app
        .ada
        .request(Method::GET, path)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let text = response.text().await.expect("a whole answer");
    let lines = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let (name, value) = line
            .as_object()
            .and_then(|line| line.iter().next())
            .expect("a field");
        match value.as_str() {
            Some(text) => format!("{name} {text}"),
            None => format!("{name} {}", value["id"]),
        }
    });
    lines.collect()
}

#[tokio::test]
async fn the_whole_shop_comes_line_by_line_and_ends_with_the_cursor() {
    let app = with_a_shop().await;
    let all = lines(&app, "/v1/sync").await;
    assert_eq!(
        all,
        [
            "book 1",
            &format!("resume books.{CURSOR}.two"),
            "book 2",
            &format!("resume orders.{CURSOR}."),
            "order 5",
            &format!("resume posts.{CURSOR}."),
            "post 3",
            &format!("cursor {CURSOR}"),
        ]
    );
    assert_eq!(app.core.call(ListChanges).message.after, None);
    for cut in [1, 3, 5] {
        let place = all[cut].strip_prefix("resume ").expect("a place");
        assert_eq!(
            lines(&app, &format!("/v1/sync?resume={place}")).await,
            all[cut + 1..]
        );
    }
}

#[tokio::test]
async fn a_snapshot_that_breaks_off_does_not_look_like_a_whole_one() {
    let app = with_a_shop().await;
    app.core.refuses(ListPosts, Status::unavailable("gone"));
    let request = app.ada.request(Method::GET, "/v1/sync");
    assert!(app.ada.try_send(request).await.is_err());
}

#[tokio::test]
async fn a_place_that_is_nowhere_is_refused_before_anything_is_told() {
    let app = with_a_shop().await;
    app.core
        .refuses(ListOrders, invalid(&[("page_token", "was not given out here")]));
    let answer = app
        .ada
        .get(&format!("/v1/sync?resume=orders.{CURSOR}.MTcwMDAwMDAwMA"))
        .await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
}

#[tokio::test]
async fn what_has_changed_comes_as_it_is_now() {
    let app = start().await;
    let change = |kind: Kind, id, operation: Operation| Change {
        kind: kind.into(),
        id,
        operation: operation.into(),
        ..Change::default()
    };
    let changes = vec![
        change(Kind::Book, 7, Operation::Created),
        change(Kind::Book, 8, Operation::Deleted),
        change(Kind::Order, 5, Operation::Updated),
        change(Kind::Post, 3, Operation::Updated),
        change(Kind::Post, 4, Operation::Counted),
        change(Kind::User, 1, Operation::Updated),
    ];
    app.core.gives(ListChanges, page(changes, false));
    let books = vec![book(7)];
    app.core.gives(BatchGetBooks, BatchGetBooksResponse { books });
    let orders = vec![order(5)];
    app.core.gives(BatchGetOrders, BatchGetOrdersResponse { orders });
    let posts = vec![post(3)];
    app.core.gives(BatchGetPosts, BatchGetPostsResponse { posts });

    let changes = app
        .ada
        .get(&format!("/v1/sync?since={CURSOR}&first=20"))
        .await
        .ok();

    let ids = |sort: &str| {
        let things = changes[sort].as_array().expect("a list").iter();
        things.map(|thing| thing["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        (&changes["cursor"], &changes["more"]),
        (&json!(CURSOR), &json!(true))
    );
    assert_eq!(
        [ids("books"), ids("orders"), ids("posts")],
        [[7], [5], [3]].map(|ids| ids.map(Value::from).to_vec())
    );
    assert_eq!(
        changes["gone"],
        json!([{"kind": "book", "id": 8}, {"kind": "post", "id": 4}])
    );
    let asked = app.core.call(ListChanges).message;
    assert_eq!(
        (asked.page_size, asked.after.map(|after| after.seq)),
        (20, Some(42))
    );
}

#[tokio::test]
async fn whoever_was_away_for_too_long_starts_over() {
    let app = start().await;
    app.core.gives(ListChanges, page(Vec::new(), true));
    let answer = app.ada.get(&format!("/v1/sync?since={CURSOR}")).await;
    assert_eq!(answer.problem(), (410, "SYNC_TOO_OLD"));
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let app = start().await;
    for query in ["since=7", "resume=books", "resume=users.x.y"] {
        let answer = app.ada.get(&format!("/v1/sync?{query}")).await;
        assert_eq!(answer.problem(), (422, "INVALID_INPUT"), "{query}");
    }
    let both = format!("/v1/sync?since={CURSOR}&resume=books.{CURSOR}.");
    assert_eq!(app.ada.get(&both).await.errors(), ["resume goes without `since`"]);
    assert_eq!(app.guest.get("/v1/sync").await.problem(), (401, "TOKEN_MISSING"));
}

//! The catalogue.

use proto::books::v1::{BatchGetBookViewerStatesResponse, BookOrder, BookViewerState, ListBooksResponse};
use serde_json::Value;
use test_kit::{
    fake_core::{BatchGetBookViewerStates, ListBooks},
    status,
};

use crate::harness::{App, book, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.gives(
        ListBooks,
        ListBooksResponse {
            books: vec![book(7), book(8)],
            next_page_token: "abc".to_owned(),
        },
    );
    app.core.on(BatchGetBookViewerStates, |request| {
        let state = |id: &i64| BookViewerState {
            book_id: *id,
            review_slug: (*id == 8).then(|| "my-review".to_owned()),
            bought: false,
        };
        Ok(BatchGetBookViewerStatesResponse {
            states: request.book_ids.iter().map(state).collect(),
        })
    });
}

#[tokio::test]
async fn whoever_is_signed_in_sees_their_part_of_every_book() {
    let app = start().await;
    tell_everything(&app);

    let page = app
        .ada
        .get("/api/views/books?q=first%20auth&order=newest&first=2&after=xyz")
        .await
        .ok();

    insta::assert_json_snapshot!(page["items"][1], @r#"
    {
      "authors": [
        "First Author",
        "Second Author"
      ],
      "coverUrl": "https://example.org/cover.jpg",
      "currency": "EUR",
      "id": 8,
      "inStock": true,
      "priceCents": 1299,
      "publishedYear": -380,
      "rating": 4.12,
      "ratingsCount": 9,
      "title": "Book 8",
      "viewer": {
        "review": "my-review"
      }
    }
    "#);
    assert_eq!(page["items"][0]["viewer"]["review"], Value::Null);
    insta::assert_json_snapshot!((&page["pageInfo"], &page["meta"]), @r#"
    [
      {
        "endCursor": "abc",
        "hasNextPage": true
      },
      {
        "sections": {
          "viewer": {
            "state": "fresh"
          }
        }
      }
    ]
    "#);
    let asked = app.core.call(ListBooks);
    assert_eq!(
        asked.header("authorization"),
        "",
        "the catalogue is for everybody"
    );
    let asked = asked.message;
    assert_eq!((&*asked.query, asked.order()), ("first auth", BookOrder::Newest));
    assert_eq!((asked.page_size, &*asked.page_token), (2, "xyz"));
    let states = app.core.call(BatchGetBookViewerStates);
    assert_eq!(states.message.book_ids, [7, 8]);
    assert_eq!(states.header("authorization"), "Bearer ada-s-token");
}

#[tokio::test]
async fn a_guest_has_no_part_in_it() {
    let app = start().await;
    tell_everything(&app);
    let page = app.guest.get("/api/views/books").await.ok();
    assert_eq!(page["items"][0]["viewer"], Value::Null);
    assert!(app.core.calls(BatchGetBookViewerStates).is_empty());
    let asked = app.core.call(ListBooks).message;
    assert_eq!((asked.page_size, asked.order()), (24, BookOrder::Popular));
}

#[tokio::test]
async fn leaves_out_the_viewers_part_while_it_is_down() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(BatchGetBookViewerStates);
    let page = app.ada.get("/api/views/books").await.ok();
    assert_eq!(page["items"][0]["title"], "Book 7");
    assert_eq!(page["items"][0]["viewer"], Value::Null);
    assert_eq!(page["meta"]["sections"]["viewer"]["state"], "missing");
}

#[tokio::test]
async fn without_the_books_there_is_no_screen() {
    let app = start().await;
    let answer = app.guest.get("/api/views/books").await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn bad_questions_are_called_by_the_names_that_the_app_knows() {
    let app = start().await;
    for (query, error) in [
        ("order=stock", "order has to be one of popular, newest"),
        ("first=0", "first has to be at least 1"),
        ("limit=3", "limit is unknown"),
    ] {
        let answer = app.guest.get(&format!("/api/views/books?{query}")).await;
        assert_eq!(answer.errors(), [error]);
    }
    assert_eq!(app.core.call_count(), 0);

    let long = ("query", "is too long (at most 200 characters)");
    app.core.refuses(ListBooks, status::invalid(&[long]));
    let answer = app.guest.get("/api/views/books?q=long").await;
    assert_eq!(answer.errors(), ["q is too long (at most 200 characters)"]);
}

#[tokio::test]
async fn an_invalid_token_is_never_papered_over() {
    let app = start().await;
    tell_everything(&app);
    app.core
        .refuses(BatchGetBookViewerStates, status::unauthenticated("TOKEN_INVALID"));
    let answer = app.ada.get("/api/views/books").await;
    assert_eq!(answer.problem(), (401, "TOKEN_INVALID"));
}

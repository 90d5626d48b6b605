//! The screen of a book.

use proto::{
    books::v1::{BatchGetBookViewerStatesResponse, Book, BookViewerState},
    posts::v1::ListPostsResponse,
};
use test_kit::{
    fake_core::{BatchGetBookViewerStates, GetBook, ListPosts},
    status,
};

use crate::harness::{App, book, post, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.gives(GetBook, book(7));
    app.core.gives(
        ListPosts,
        ListPostsResponse {
            posts: vec![post(1)],
            ..Default::default()
        },
    );
    let state = BookViewerState {
        book_id: 7,
        review_slug: Some("post-1".to_owned()),
        bought: true,
    };
    app.core.gives(
        BatchGetBookViewerStates,
        BatchGetBookViewerStatesResponse { states: vec![state] },
    );
}

#[tokio::test]
async fn shows_the_book_with_its_reviews_and_the_viewers_part() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/v1/books/7").await.ok(), @r#"
    {
      "book": {
        "about": "word word word word word word word word word word word word word word word word word word word word word word word word word word word…",
        "authors": [
          "First Author",
          "Second Author"
        ],
        "cover": [
          {
            "url": "https://images.gr-assets.com/books/1447303603m/2767052.jpg",
            "width": 98
          },
          {
            "url": "https://images.gr-assets.com/books/1447303603l/2767052.jpg",
            "width": 318
          }
        ],
        "currency": "EUR",
        "inStock": true,
        "priceCents": 1299,
        "rating": 4.12,
        "title": "Book 7",
        "year": -380
      },
      "meta": {
        "sections": {
          "reviews": {
            "state": "fresh"
          },
          "viewer": {
            "state": "fresh"
          }
        }
      },
      "reviews": [
        {
          "author": "ada",
          "excerpt": "word word word word word word word word word word word word word word word word word word word word word word word word word word word…",
          "slug": "post-1",
          "title": "Post 1"
        }
      ],
      "viewer": {
        "bought": true,
        "review": "post-1"
      }
    }
    "#);

    assert_eq!(app.core.call(ListPosts).message.book_id, Some(7));
    assert_eq!(
        app.core
            .call(GetBook)
            .message
            .read_mask
            .map(|mask| mask.paths.len()),
        Some(10)
    );
    assert_eq!(app.core.call(GetBook).header("authorization"), "");
    assert_eq!(
        app.core.call(BatchGetBookViewerStates).header("authorization"),
        "Bearer ada-s-token"
    );
}

#[tokio::test]
async fn what_is_not_known_of_a_book_is_null() {
    let app = start().await;
    tell_everything(&app);
    app.core.gives(
        GetBook,
        Book {
            id: 7,
            title: "Bare".to_owned(),
            currency: "EUR".to_owned(),
            ..Default::default()
        },
    );
    insta::assert_json_snapshot!(app.guest.get("/v1/books/7").await.ok()["book"], @r#"
    {
      "authors": [],
      "currency": "EUR",
      "inStock": false,
      "priceCents": 0,
      "title": "Bare"
    }
    "#);
}

#[tokio::test]
async fn leaves_the_reviews_out_while_they_are_down() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(ListPosts);
    let page = app.guest.get("/v1/books/7").await.ok();
    assert_eq!(page["reviews"], serde_json::Value::Null);
    assert_eq!(page["meta"]["sections"]["reviews"]["state"], "missing");
}

#[tokio::test]
async fn a_book_that_does_not_exist_or_cannot_is_a_problem() {
    let app = start().await;
    tell_everything(&app);
    app.core.refuses(GetBook, status::not_found("book"));
    for id in ["8", "-1", "x", "99999999999999999999"] {
        assert_eq!(
            app.guest.get(&format!("/v1/books/{id}")).await.problem(),
            (404, "NOT_FOUND"),
            "{id}"
        );
    }
}

//! The page of a book.

use proto::{
    books::v1::{BatchGetBookViewerStatesResponse, Book, BookViewerState, ListBooksResponse},
    posts::v1::ListPostsResponse,
};
use serde_json::Value;
use test_kit::{
    fake_core::{BatchGetBookViewerStates, GetBook, ListBooks, ListPosts},
    status,
};

use crate::harness::{App, book, post, posts, start, start_impatient};

fn tell_everything(app: &App) {
    app.core.gives(GetBook, book(7));
    app.core.gives(ListPosts, posts(vec![post(1)]));
    let popular = ListBooksResponse {
        books: vec![book(7), book(8)],
        next_page_token: "more".to_owned(),
    };
    app.core.gives(ListBooks, popular);
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
async fn shows_the_book_with_its_reviews_other_books_and_the_viewers_part() {
    let app = start().await;
    tell_everything(&app);

    insta::assert_json_snapshot!(app.ada.get("/api/views/books/7").await.ok(), @r#"
    {
      "book": {
        "authors": [
          "First Author",
          "Second Author"
        ],
        "coverUrl": "https://example.org/cover.jpg",
        "currency": "EUR",
        "description": "What it is about.",
        "id": 7,
        "isbn13": "9780306406157",
        "language": "en",
        "priceCents": 1299,
        "publishedYear": -380,
        "rating": 4.12,
        "ratingsCount": 9,
        "stock": 4,
        "title": "Book 7"
      },
      "meta": {
        "sections": {
          "more": {
            "state": "fresh"
          },
          "reviews": {
            "state": "fresh"
          },
          "viewer": {
            "state": "fresh"
          }
        }
      },
      "more": [
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
          "title": "Book 8"
        }
      ],
      "reviews": {
        "items": [
          {
            "author": {
              "bio": "Wrote the first program.",
              "image": "https://example.org/ada.png",
              "name": "Ada Lovelace",
              "username": "ada"
            },
            "body": "The whole text.",
            "comments": 2,
            "createdAt": "2023-11-14T22:13:20.000Z",
            "description": "What it is about.",
            "likes": 3,
            "slug": "post-1",
            "title": "Post 1"
          }
        ],
        "total": 42
      },
      "viewer": {
        "bought": true,
        "review": "post-1"
      }
    }
    "#);

    let reviews = app.core.call(ListPosts);
    assert_eq!(reviews.message.book_id, Some(7));
    assert_eq!(reviews.header("authorization"), "");
    assert_eq!(
        app.core.call(BatchGetBookViewerStates).header("authorization"),
        "Bearer ada-s-token"
    );
}

#[tokio::test]
async fn what_is_not_known_of_a_book_is_null_and_a_guest_has_no_part() {
    let app = start().await;
    tell_everything(&app);
    let bare = Book {
        id: 7,
        title: "Bare".to_owned(),
        currency: "EUR".to_owned(),
        ..Default::default()
    };
    app.core.gives(GetBook, bare);
    app.core.gives(ListPosts, ListPostsResponse::default());

    let page = app.guest.get("/api/views/books/7").await.ok();

    insta::assert_json_snapshot!(page["book"], @r#"
    {
      "authors": [],
      "coverUrl": null,
      "currency": "EUR",
      "description": null,
      "id": 7,
      "isbn13": null,
      "language": null,
      "priceCents": 0,
      "publishedYear": null,
      "rating": null,
      "ratingsCount": 0,
      "stock": 0,
      "title": "Bare"
    }
    "#);
    assert_eq!(page["viewer"], Value::Null);
    assert_eq!(app.core.calls(BatchGetBookViewerStates).len(), 0);
}

#[tokio::test]
async fn leaves_out_what_is_down_and_says_so() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(ListPosts);
    app.core.refuses(ListBooks, tonic::Status::unavailable("gone"));
    app.core
        .refuses(BatchGetBookViewerStates, tonic::Status::internal("a secret"));

    let page = app.ada.get("/api/views/books/7").await.ok();

    assert_eq!(page["book"]["title"], "Book 7");
    for part in ["reviews", "more", "viewer"] {
        assert_eq!(page[part], Value::Null, "{part}");
        assert_eq!(page["meta"]["sections"][part]["state"], "missing", "{part}");
    }
}

#[tokio::test]
async fn without_the_book_there_is_no_page() {
    let app = start_impatient().await;
    tell_everything(&app);
    app.core.hangs(GetBook);
    assert_eq!(
        app.guest.get("/api/views/books/7").await.problem(),
        (504, "DEADLINE_EXCEEDED")
    );

    app.core.refuses(GetBook, status::not_found("book"));
    for id in ["8", "-1", "x", "99999999999999999999"] {
        let answer = app.guest.get(&format!("/api/views/books/{id}")).await;
        assert_eq!(answer.problem(), (404, "NOT_FOUND"), "{id}");
    }
}

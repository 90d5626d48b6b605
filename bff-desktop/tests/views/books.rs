//! The catalogue.

use proto::books::v1::{BookOrder, ListBooksResponse};
use test_kit::{
    fake_core::{GetBook, ListBooks},
    status,
};

use crate::harness::{book, start};

#[tokio::test]
async fn a_page_has_rows_and_a_cursor() {
    let app = start().await;
    app.core.gives(
        ListBooks,
        ListBooksResponse {
            books: vec![book(7)],
            next_page_token: "abc".to_owned(),
        },
    );

    let answer = app
        .ada
        .get("/v1/books?q=first&order=stock&first=2&after=xyz")
        .await;

    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "items": [
        {
          "authors": [
            "First Author",
            "Second Author"
          ],
          "currency": "EUR",
          "id": 7,
          "isbn13": "9780306406157",
          "priceCents": 1299,
          "ratingHundredths": 412,
          "ratingsCount": 9,
          "stock": 4,
          "title": "Book 7",
          "updatedAt": "2023-11-14T22:13:21.000Z"
        }
      ],
      "pageInfo": {
        "endCursor": "abc",
        "hasNextPage": true
      }
    }
    "#);
    let asked = app.core.call(ListBooks).message;
    assert_eq!((&*asked.query, asked.order()), ("first", BookOrder::Stock));
    assert_eq!((asked.page_size, &*asked.page_token), (2, "xyz"));
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let app = start().await;
    for (query, error) in [
        ("order=random", "order has to be one of popular, newest, stock"),
        ("first=0", "first has to be at least 1"),
        ("limit=3", "limit is unknown"),
    ] {
        assert_eq!(app.ada.get(&format!("/v1/books?{query}")).await.errors(), [error]);
    }
    app.core.refuses(
        ListBooks,
        status::invalid(&[("page_token", "is not a token of this service")]),
    );
    let answer = app.ada.get("/v1/books?after=abc").await;
    assert_eq!(answer.errors(), ["after is not a token of this service"]);
}

#[tokio::test]
async fn one_book_is_shown_with_everything() {
    let app = start().await;
    app.core.gives(GetBook, book(7));
    insta::assert_json_snapshot!(app.ada.get("/v1/books/7").await.ok(), @r#"
    {
      "authors": [
        "First Author",
        "Second Author"
      ],
      "coverUrl": "https://example.org/cover.jpg",
      "createdAt": "2023-11-14T22:13:20.000Z",
      "currency": "EUR",
      "description": "What it is about.",
      "id": 7,
      "isbn13": "9780306406157",
      "language": "en",
      "priceCents": 1299,
      "publishedYear": -380,
      "ratingHundredths": 412,
      "ratingsCount": 9,
      "stock": 4,
      "title": "Book 7",
      "updatedAt": "2023-11-14T22:13:21.000Z"
    }
    "#);
    let asked = app.core.call(GetBook);
    assert_eq!(asked.header("authorization"), "Bearer ada-s-token");
    assert_eq!(asked.message.read_mask.map(|mask| mask.paths.len()), Some(15));

    app.core.refuses(GetBook, status::not_found("book"));
    assert_eq!(app.ada.get("/v1/books/8").await.problem(), (404, "NOT_FOUND"));
    assert_eq!(app.ada.get("/v1/books/x").await.problem(), (404, "NOT_FOUND"));
}

//! Lists of books.

use proto::books::v1::{BookOrder, ListBooksResponse};
use test_kit::{fake_core::ListBooks, status};

use crate::harness::{book, start};

#[tokio::test]
async fn a_page_has_light_cards_and_a_cursor() {
    let app = start().await;
    app.core.gives(
        ListBooks,
        ListBooksResponse {
            books: vec![book(7)],
            next_page_token: "abc".to_owned(),
        },
    );

    let answer = app.guest.get("/v1/books?q=first%20auth&first=3").await;

    insta::assert_json_snapshot!(answer.ok(), @r#"
    {
      "items": [
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
      "pageInfo": {
        "endCursor": "abc",
        "hasNextPage": true
      }
    }
    "#);
    let asked = app.core.call(ListBooks).message;
    assert_eq!(
        (&*asked.query, asked.page_size, asked.order()),
        ("first auth", 3, BookOrder::Popular)
    );
}

#[tokio::test]
async fn a_search_that_is_too_long_is_called_by_the_name_that_the_app_knows() {
    let app = start().await;
    app.core.refuses(
        ListBooks,
        status::invalid(&[("query", "is too long (at most 200 characters)")]),
    );
    let answer = app.guest.get("/v1/books?q=long").await;
    assert_eq!(answer.errors(), ["q is too long (at most 200 characters)"]);
}

#[tokio::test]
async fn without_the_core_there_is_no_list() {
    let app = start().await;
    assert_eq!(app.guest.get("/v1/books").await.problem(), (503, "UNAVAILABLE"));
}

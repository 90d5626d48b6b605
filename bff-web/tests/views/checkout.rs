//! The screen before an order.

use proto::{
    books::v1::BatchGetBooksResponse,
    orders::v1::{Quote, QuoteLine, QuoteProblem, WantedItem},
};
use serde_json::Value;
use test_kit::{
    fake_core::{BatchGetBooks, QuoteOrder},
    status,
};

use crate::harness::{App, book, start};

fn tell_the_quote(app: &App) {
    let line = QuoteLine {
        book_id: 7,
        quantity: 2,
        title: "Book 7".to_owned(),
        price_cents: 1299,
        currency: "EUR".to_owned(),
        stock: 4,
        problem: QuoteProblem::Unspecified.into(),
    };
    let gone = QuoteLine {
        book_id: 9,
        quantity: 1,
        problem: QuoteProblem::Gone.into(),
        ..Default::default()
    };
    let quote = Quote {
        lines: vec![line, gone],
        currency: "EUR".to_owned(),
        total_cents: 2598,
        orderable: false,
    };
    app.core.gives(QuoteOrder, quote);
}

#[tokio::test]
async fn shows_what_an_order_would_be_and_what_is_wrong_with_it() {
    let app = start().await;
    tell_the_quote(&app);
    app.core
        .gives(BatchGetBooks, BatchGetBooksResponse { books: vec![book(7)] });

    let mut page = app.guest.get("/api/views/checkout?items=7x2,9x1").await.ok();

    assert_eq!(page["books"].take()[0]["id"], 7);
    insta::assert_json_snapshot!(page, @r#"
    {
      "books": null,
      "currency": "EUR",
      "lines": [
        {
          "bookId": 7,
          "now": {
            "currency": "EUR",
            "priceCents": 1299,
            "stock": 4,
            "title": "Book 7",
            "totalCents": 2598
          },
          "problem": null,
          "quantity": 2
        },
        {
          "bookId": 9,
          "now": null,
          "problem": "gone",
          "quantity": 1
        }
      ],
      "meta": {
        "sections": {
          "books": {
            "state": "fresh"
          }
        }
      },
      "orderable": false,
      "totalCents": 2598
    }
    "#);
    let item = |book_id, quantity| WantedItem { book_id, quantity };
    assert_eq!(app.core.call(QuoteOrder).message.items, [item(7, 2), item(9, 1)]);
}

#[tokio::test]
async fn leaves_the_books_out_while_they_are_down_and_needs_the_quote() {
    let app = start().await;
    let path = "/api/views/checkout?items=7x2";
    assert_eq!(app.guest.get(path).await.problem(), (503, "UNAVAILABLE"));
    tell_the_quote(&app);
    let page = app.guest.get(path).await.ok();
    assert_eq!(
        (&page["books"], &page["lines"][0]["now"]["title"]),
        (&Value::Null, &"Book 7".into())
    );
    assert_eq!(page["meta"]["sections"]["books"]["state"], "missing");
}

#[tokio::test]
async fn what_is_no_list_of_books_never_reaches_the_core() {
    let app = start().await;
    for items in [
        "",
        "7",
        "7x",
        "x2",
        "7x2,",
        "7*2",
        "7x2.5",
        "99999999999999999999x1",
    ] {
        let answer = app.guest.get(&format!("/api/views/checkout?items={items}")).await;
        assert_eq!(answer.problem(), (422, "INVALID_INPUT"), "{items}");
        assert_eq!(
            answer.errors(),
            ["items has to be books with their quantities, such as 7x2,9x1"]
        );
    }
    let answer = app.guest.get("/api/views/checkout").await;
    assert_eq!(answer.errors(), ["items is missing"]);
    assert_eq!(app.core.call_count(), 0);

    app.core.refuses(
        QuoteOrder,
        status::invalid(&[("items[0].quantity", "has to be between 1 and 99")]),
    );
    let answer = app.guest.get("/api/views/checkout?items=7x100").await;
    assert_eq!(answer.errors(), ["items[0].quantity has to be between 1 and 99"]);
}

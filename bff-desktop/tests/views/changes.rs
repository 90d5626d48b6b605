//! New books, changed books, books that go.

use proto::books::v1::CreateBookRequest;
use serde_json::{Value, json};
use test_kit::{
    fake_core::{CreateBook, DeleteBook, UpdateBook},
    status,
};

use crate::harness::{book, start, start_impatient};

fn new_book() -> Value {
    json!({
        "isbn13": "978-0-306-40615-7", "title": "Book 7", "authors": ["First Author"], "publishedYear": -380,
        "language": null, "priceCents": 1299, "currency": "EUR", "stock": 4,
    })
}

#[tokio::test]
async fn a_new_book_says_where_it_is() {
    let app = start().await;
    app.core.gives(CreateBook, book(7));

    let answer = app.ada.post("/v1/books", new_book()).await;

    assert_eq!((answer.status, answer.header("location")), (201, "/v1/books/7"));
    assert_eq!(answer.body["title"], "Book 7");
    let call = app.core.call(CreateBook);
    assert_eq!(call.header("authorization"), "Bearer ada-s-token");
    let expected = CreateBookRequest {
        isbn13: "978-0-306-40615-7".to_owned(),
        title: "Book 7".to_owned(),
        authors: vec!["First Author".to_owned()],
        published_year: Some(-380),
        price_cents: 1299,
        currency: "EUR".to_owned(),
        stock: 4,
        ..Default::default()
    };
    assert_eq!(call.message, expected);
}

#[tokio::test]
async fn a_new_book_of_the_wrong_shape_never_reaches_the_core() {
    let app = start().await;
    let wrong = json!({
        "title": null, "authors": ["a", 7], "publishedYear": 3_000_000_000_u64, "priceCents": "12.99",
        "stock": 1.5, "rating": 5,
    });
    let answer = app.ada.post("/v1/books", wrong).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    let mut errors = answer.errors();
    errors.sort();
    insta::assert_json_snapshot!(errors, @r#"
    [
      "authors[1] has to be a string",
      "currency is missing",
      "priceCents has to be a whole number",
      "publishedYear has to be at most 2147483647",
      "rating is unknown",
      "stock has to be a whole number",
      "title can't be null"
    ]
    "#);
    assert!(app.core.calls(CreateBook).is_empty());
}

#[tokio::test]
async fn broken_rules_are_called_by_the_names_that_the_app_knows() {
    let app = start().await;
    app.core.refuses(
        CreateBook,
        status::invalid(&[("title", "can't be blank"), ("price_cents", "is too high")]),
    );
    let answer = app.ada.post("/v1/books", new_book()).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(
        answer.errors(),
        ["title can't be blank", "priceCents is too high"]
    );

    app.core.refuses(CreateBook, status::taken("isbn13"));
    let answer = app.ada.post("/v1/books", new_book()).await;
    assert_eq!(answer.problem(), (409, "TAKEN"));
    assert_eq!(answer.errors(), ["isbn13 has already been taken"]);
}

#[tokio::test]
async fn a_change_names_only_what_was_sent_and_null_clears() {
    let app = start().await;
    app.core.gives(UpdateBook, book(7));

    let patch = json!({"title": "New", "publishedYear": null, "coverUrl": null, "stock": 0});
    let answer = app.ada.patch("/v1/books/7", patch).await;

    assert_eq!(answer.ok()["id"], 7);
    let asked = app.core.call(UpdateBook).message;
    assert_eq!(
        asked.update_mask.unwrap_or_default().paths,
        ["title", "published_year", "cover_url", "stock"]
    );
    assert_eq!(asked.id, 7);
    assert_eq!(
        asked.book,
        Some(CreateBookRequest {
            title: "New".to_owned(),
            ..Default::default()
        })
    );
}

#[tokio::test]
async fn what_cannot_be_unknown_cannot_be_cleared_and_nothing_is_no_change() {
    let app = start().await;
    let nulls = json!({"title": null, "authors": null, "priceCents": null, "currency": null, "stock": null});
    let answer = app.ada.patch("/v1/books/7", nulls).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(answer.errors().len(), 5);

    let nothing = app.ada.patch("/v1/books/7", json!({})).await;
    assert_eq!(nothing.problem(), (422, "INVALID_INPUT"));
    assert_eq!(nothing.errors(), [" names nothing to change"]);
    assert!(app.core.calls(UpdateBook).is_empty());
}

#[tokio::test]
async fn a_book_goes_without_a_word_and_only_once() {
    let app = start().await;
    app.core.gives(DeleteBook, ());
    let answer = app.ada.delete("/v1/books/7").await;
    assert_eq!((answer.status, answer.bytes), (204, 0));
    assert_eq!(app.core.call(DeleteBook).message.id, 7);

    app.core.refuses(DeleteBook, status::not_found("book"));
    assert_eq!(app.ada.delete("/v1/books/7").await.problem(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn a_change_that_the_core_does_not_answer_ends_in_time() {
    let app = start_impatient().await;
    app.core.hangs(UpdateBook);
    let answer = app.ada.patch("/v1/books/7", json!({"stock": 1})).await;
    assert_eq!(answer.problem(), (504, "DEADLINE_EXCEEDED"));
}

//! The catalogue.

use core_service::models::session::Client;
use proto::books::v1::{
    BatchGetBooksRequest, Book, BookOrder, CreateBookRequest, DeleteBookRequest, GetBookRequest,
    ListBooksRequest, UpdateBookRequest,
};
use tonic::Code;

use crate::app::{Actor, App, a_book, mask, refusal};

async fn titles(app: &App, request: ListBooksRequest) -> Vec<String> {
    let books = app.books().list_books(request).await.unwrap().into_inner().books;
    books.into_iter().map(|book| book.title).collect()
}

fn search(query: &str) -> ListBooksRequest {
    ListBooksRequest {
        query: query.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_book_comes_back_as_it_was_added() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let request = CreateBookRequest {
        isbn13: "0-439-02348-3".to_owned(),
        published_year: Some(-750),
        language: "grc".to_owned(),
        description: "Rage.".to_owned(),
        cover_url: "https://covers.example.com/1.jpg".to_owned(),
        ..a_book("The Iliad", "Homer")
    };
    let added = app
        .books()
        .create_book(tim.asks(request))
        .await
        .unwrap()
        .into_inner();
    let read = app
        .books()
        .get_book(GetBookRequest {
            id: added.id,
            read_mask: None,
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(added, read);
    assert_eq!(
        (read.isbn13.as_deref(), read.published_year),
        (Some("9780439023481"), Some(-750))
    );
}

#[tokio::test]
async fn only_staff_changes_the_catalogue() {
    let app = App::start().await;
    let (ada, tim) = (app.reader("ada").await, app.staff("tim").await);
    let book = app.book(&tim, "Emma", "Jane Austen").await;
    let forbidden = (Code::PermissionDenied, "FORBIDDEN".to_owned(), Vec::new());
    assert_eq!(
        refusal(app.books().create_book(ada.asks(a_book("Mine", "Me"))).await),
        forbidden
    );
    let delete = DeleteBookRequest { id: book.id };
    assert_eq!(
        refusal(app.books().delete_book(ada.asks(delete)).await),
        forbidden
    );
    let guest = Actor::guest_of(Client::Desktop);
    let missing = refusal(app.books().delete_book(guest.asks(delete)).await);
    assert_eq!(
        (missing.0, missing.1.as_str()),
        (Code::Unauthenticated, "TOKEN_MISSING")
    );
}

#[tokio::test]
async fn only_what_the_mask_names_changes() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let book = app.book(&tim, "Emma", "Jane Austen").await;
    let request = UpdateBookRequest {
        id: book.id,
        book: Some(CreateBookRequest {
            stock: 11,
            ..Default::default()
        }),
        update_mask: mask(&["stock"]),
    };
    let changed = app
        .books()
        .update_book(tim.asks(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        changed,
        Book {
            stock: 11,
            updated_at: changed.updated_at,
            ..book
        }
    );
}

#[tokio::test]
async fn an_isbn_belongs_to_one_book_in_the_catalogue() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let with_isbn = || CreateBookRequest {
        isbn13: "9780439023481".to_owned(),
        ..a_book("One", "A")
    };
    let book = app
        .books()
        .create_book(tim.asks(with_isbn()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        refusal(app.books().create_book(tim.asks(with_isbn())).await).1,
        "TAKEN"
    );
    app.books()
        .delete_book(tim.asks(DeleteBookRequest { id: book.id }))
        .await
        .unwrap();
    assert!(app.books().create_book(tim.asks(with_isbn())).await.is_ok());
}

#[tokio::test]
async fn a_search_finds_beginnings_of_words_in_any_case_without_accents() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    app.book(&tim, "Cien años de soledad", "Gabriel García Márquez")
        .await;
    app.book(&tim, "Emma", "Jane Austen").await;
    assert_eq!(
        titles(&app, search("garcia ANOS")).await,
        ["Cien años de soledad"]
    );
    assert_eq!(titles(&app, search("aust")).await, ["Emma"]);
    assert!(titles(&app, search("emma garcia")).await.is_empty());
}

#[tokio::test]
async fn no_search_can_break_out_of_its_words() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    app.book(&tim, "Emma", "Jane Austen").await;
    for query in [
        "\"",
        "emma\" OR 1",
        "emma & !x",
        "*",
        "' ; --",
        "()",
        ":* | a",
        "NEAR(",
        "\u{1F600}",
    ] {
        titles(&app, search(query)).await;
    }
    assert!(titles(&app, search("???")).await.is_empty());
}

#[tokio::test]
async fn a_search_follows_a_changed_title_and_forgets_a_deleted_book() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let book = app.book(&tim, "Emma", "Jane Austen").await;
    let request = UpdateBookRequest {
        id: book.id,
        book: Some(CreateBookRequest {
            title: "Persuasion".to_owned(),
            ..Default::default()
        }),
        update_mask: mask(&["title"]),
    };
    app.books().update_book(tim.asks(request)).await.unwrap();
    assert_eq!(titles(&app, search("persuasion austen")).await, ["Persuasion"]);
    assert!(titles(&app, search("emma")).await.is_empty());
    app.books()
        .delete_book(tim.asks(DeleteBookRequest { id: book.id }))
        .await
        .unwrap();
    assert!(titles(&app, search("persuasion")).await.is_empty());
}

#[tokio::test]
async fn every_order_goes_on_from_page_to_page() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    for (title, stock) in [("A", 5), ("B", 1), ("C", 5), ("D", 0), ("E", 1)] {
        let book = CreateBookRequest {
            stock,
            ..a_book(title, "Author")
        };
        app.books().create_book(tim.asks(book)).await.unwrap();
    }
    for (order, expected) in [
        (BookOrder::Newest, "EDCBA"),
        (BookOrder::Stock, "DBEAC"),
        (BookOrder::Popular, "EDCBA"),
    ] {
        let mut seen = String::new();
        let mut page_token = String::new();
        loop {
            let request = ListBooksRequest {
                order: order.into(),
                page_size: 2,
                page_token,
                ..Default::default()
            };
            let page = app.books().list_books(request).await.unwrap().into_inner();
            seen.extend(page.books.into_iter().map(|book| book.title));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(seen, expected, "{order:?}");
    }
}

#[tokio::test]
async fn a_token_belongs_to_its_question() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    for title in ["A", "B"] {
        app.book(&tim, title, "Author").await;
    }
    let first = ListBooksRequest {
        page_size: 1,
        ..Default::default()
    };
    let page_token = app
        .books()
        .list_books(first)
        .await
        .unwrap()
        .into_inner()
        .next_page_token;
    let other = ListBooksRequest {
        page_token,
        order: BookOrder::Newest.into(),
        ..Default::default()
    };
    let expected = vec![("page_token".to_owned(), "belongs to another question".to_owned())];
    assert_eq!(refusal(app.books().list_books(other).await).2, expected);
}

#[tokio::test]
async fn a_batch_answers_in_the_order_of_its_ids() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let (a, b) = (
        app.book(&tim, "A", "Author").await,
        app.book(&tim, "B", "Author").await,
    );
    let request = BatchGetBooksRequest {
        ids: vec![b.id, 777, a.id, b.id],
        read_mask: mask(&["title"]),
    };
    let books = app
        .books()
        .batch_get_books(request)
        .await
        .unwrap()
        .into_inner()
        .books;
    let expected = |book: Book| Book {
        id: book.id,
        title: book.title,
        ..Book::default()
    };
    assert_eq!(books, [expected(b), expected(a)]);
}

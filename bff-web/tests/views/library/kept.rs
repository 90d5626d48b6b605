//! What is kept of the library, and how seldom it is asked.

use std::time::Duration;

use proto::books::v1::Book;
use serde_json::{Value, json};
use test_kit::fake_core::GetBook;

use super::{
    fake::{FakeLibrary, Told},
    page, start, start_at, state, until,
};
use crate::harness::{App, book};

#[tokio::test]
async fn what_comes_too_late_for_one_page_is_there_for_the_next() {
    let (app, library) = start(&[]).await;
    library.told(Told::Waits);
    assert_eq!(state(&page(&app).await), "missing");

    library.told(Told::Knows);
    until(&app, "fresh").await;
    assert_eq!(library.fetches(), 1);
}

#[tokio::test]
async fn shows_what_it_knew_while_the_library_is_down() {
    let old_at_once = ("TRIPTYCH_OPEN_LIBRARY__FRESH_FOR", "0ms");
    let (app, library) = start(&[old_at_once]).await;
    let known = until(&app, "fresh").await;

    library.told(Told::Says(503, "down"));
    let before = library.fetches();
    while library.fetches() < before + 2 {
        let page = page(&app).await;
        assert_eq!(state(&page), "stale");
        assert_eq!(page["library"], known["library"]);
        assert!(
            page["meta"]["sections"]["library"]["ageSeconds"].is_u64(),
            "{page}"
        );
    }

    // What is not kept for such times cannot be shown.
    let kept_for = ("TRIPTYCH_OPEN_LIBRARY__STALE_FOR", "0ms");
    library.told(Told::Knows);
    let app = start_at(&library.url(), &[old_at_once, kept_for]).await;
    until(&app, "fresh").await;
    library.told(Told::Says(503, "down"));
    until(&app, "missing").await;
}

#[tokio::test]
async fn what_is_stale_is_fetched_anew_behind_the_page() {
    let (app, library) = start(&[("TRIPTYCH_OPEN_LIBRARY__FRESH_FOR", "0ms")]).await;
    until(&app, "fresh").await;

    library.told(Told::Says(
        200,
        r#"{"ISBN:9780306406157": {"notes": "The second edition."}}"#,
    ));
    let renewed = async { while page(&app).await["library"]["description"] != "The second edition." {} };
    tokio::time::timeout(Duration::from_secs(20), renewed)
        .await
        .expect("the new words are shown");
}

#[tokio::test]
async fn what_is_fresh_is_not_asked_for_again() {
    let (app, library) = start(&[]).await;
    until(&app, "fresh").await;
    let asked = library.fetches();
    for _ in 0..3 {
        assert_eq!(state(&page(&app).await), "fresh");
    }
    assert_eq!(library.fetches(), asked);
}

#[tokio::test]
async fn remembers_for_a_while_that_the_library_does_not_know_a_book() {
    let (app, library) = start(&[("TRIPTYCH_OPEN_LIBRARY__WAIT", "800ms")]).await;
    for nothing in [Told::KnowsNothing, Told::Knows] {
        library.told(nothing);
        let page = page(&app).await;
        assert_eq!(page["library"], Value::Null);
        assert_eq!(page["meta"]["sections"]["library"], json!({"state": "fresh"}));
    }
    assert_eq!(library.fetches(), 1);

    let app = start_at(&library.url(), &[("TRIPTYCH_OPEN_LIBRARY__ABSENT_FOR", "0ms")]).await;
    for status in [404, 410] {
        library.told(Told::Says(status, "no such book"));
        page(&app).await;
    }
    assert_eq!(library.fetches(), 3);
}

/// Asks for the pages of these books at once, and for nothing of the library before all are on their way.
async fn at_once(app: &App, library: &FakeLibrary, ids: impl Iterator<Item = i64>) {
    library.told(Told::Waits);
    let pages: Vec<_> = ids
        .map(|id| {
            let guest = app.guest.clone();
            tokio::spawn(async move { guest.get(&format!("/api/views/books/{id}")).await.ok() })
        })
        .collect();
    for page in pages {
        let page = page.await.expect("the page comes");
        assert_eq!(page["meta"]["sections"]["library"]["state"], "missing");
    }
}

#[tokio::test]
async fn many_readers_of_one_book_cause_one_fetch() {
    let (app, library) = start(&[("TRIPTYCH_OPEN_LIBRARY__MAX_FETCHES", "100")]).await;
    at_once(&app, &library, std::iter::repeat_n(7, 20)).await;
    assert_eq!(library.fetches(), 1);

    // Readers of different books cause one each.
    let of_number = |number: i64| Book {
        isbn13: Some(format!("{:013}", 9_780_000_000_000 + number)),
        ..book(number)
    };
    app.core.on(GetBook, move |asked| Ok(of_number(asked.id)));
    at_once(&app, &library, 100..120).await;
    assert_eq!(library.fetches(), 21);
}

#[tokio::test]
async fn asks_for_a_few_books_at_once_only() {
    let (app, library) = start(&[("TRIPTYCH_OPEN_LIBRARY__MAX_FETCHES", "2")]).await;
    let of_number = |number: i64| Book {
        isbn13: Some(format!("{:013}", 9_780_000_000_000 + number)),
        ..book(number)
    };
    app.core.on(GetBook, move |asked| Ok(of_number(asked.id)));
    at_once(&app, &library, 100..110).await;
    assert_eq!(library.fetches(), 2);
}

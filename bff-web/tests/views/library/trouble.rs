//! The page while the library is slow, wrong or away.

use std::time::Duration;

use tokio::net::TcpListener;

use super::{
    PAGE,
    fake::{FakeLibrary, Told},
    page, start, start_at, state, until,
};

#[tokio::test]
async fn the_page_is_whole_while_the_library_talks_nonsense() {
    let (app, library) = start(&[]).await;
    for nonsense in [
        Told::Says(500, "{}"),
        Told::Says(503, "busy"),
        Told::Says(204, ""),
        Told::Says(401, "{}"),
        Told::Says(429, "slow down"),
        Told::Says(200, ""),
        Told::Says(200, "<html>"),
        Told::Says(200, "{\"ISBN:9780306406157\": {"),
        Told::Says(200, "[1]"),
        Told::Says(200, "7"),
        Told::Says(200, "{\"ISBN:9780306406157\": 7, \"docs\": 7}"),
    ] {
        library.told(nonsense.clone());
        assert_eq!(state(&page(&app).await), "missing", "{nonsense:?}");
    }
    library.told(Told::Knows);
    until(&app, "fresh").await;
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read_to_its_end() {
    let (app, library) = start(&[]).await;
    library.told(Told::Sends(300_000));
    assert_eq!(state(&page(&app).await), "missing");

    // It is the size: where more is allowed, the same answer is one that has no such book.
    let app = start_at(
        &library.url(),
        &[("TRIPTYCH_OPEN_LIBRARY__MAX_ANSWER_BYTES", "300000")],
    )
    .await;
    let page = page(&app).await;
    assert_eq!(page["meta"]["sections"]["library"]["state"], "fresh");
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let (app, library) = start(&[]).await;
    let elsewhere = FakeLibrary::start().await;
    library.told(Told::Redirects(elsewhere.url()));

    assert_eq!(state(&page(&app).await), "missing");
    assert_eq!(elsewhere.seen().len(), 0);

    // A client that follows would have been noticed.
    let led = reqwest::get(library.url()).await.expect("an answer");
    assert_eq!((led.status().as_u16(), elsewhere.seen().len()), (200, 1));
}

#[tokio::test]
async fn the_page_is_whole_while_nobody_is_there() {
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let closed_url = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    // The system accepts connections for it, and nobody ever answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let silent_url = format!("http://{}", silent.local_addr().expect("an address"));

    for url in [closed_url, silent_url] {
        let app = start_at(&url, &[]).await;
        assert_eq!(state(&page(&app).await), "missing", "{url}");
    }
}

#[tokio::test]
async fn the_pages_deadline_comes_before_the_librarys_time() {
    let more = [
        ("TRIPTYCH_OPEN_LIBRARY__WAIT", "1h"),
        ("TRIPTYCH_OPEN_LIBRARY__TIMEOUT", "1h"),
        ("TRIPTYCH_SERVER__READ_DEADLINE", "500ms"),
    ];
    let (app, library) = start(&more).await;
    library.told(Told::Waits);
    // On a machine that does much else what is left of the time may not suffice, now and then.
    let mut page = app.guest.get(PAGE).await;
    for _ in 0..10 {
        if page.status == 200 {
            break;
        }
        page = app.guest.get(PAGE).await;
    }
    assert_eq!(state(&page.ok()), "missing");
}

#[tokio::test]
async fn a_fetch_that_takes_too_long_is_given_up() {
    let (app, library) = start(&[("TRIPTYCH_OPEN_LIBRARY__TIMEOUT", "50ms")]).await;
    library.told(Told::Waits);
    page(&app).await;
    // The first one is no longer under way, or there would not be a second one.
    let again = async {
        while library.fetches() < 2 {
            assert_eq!(state(&page(&app).await), "missing");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .expect("it is asked again");
}

#[tokio::test]
async fn leaves_a_library_alone_that_keeps_failing() {
    let more = [
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_FAILURES", "3"),
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_PAUSE", "1h"),
    ];
    let (app, library) = start(&more).await;
    library.told(Told::Says(500, "broken"));
    for _ in 0..10 {
        assert_eq!(state(&page(&app).await), "missing");
    }
    assert_eq!(library.fetches(), 3);

    // Without the breaker each page asks.
    let app = start_at(&library.url(), &[]).await;
    for _ in 0..10 {
        assert_eq!(state(&page(&app).await), "missing");
    }
    assert_eq!(library.fetches(), 13);
}

#[tokio::test]
async fn comes_back_to_a_library_that_has_recovered() {
    let more = [
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_FAILURES", "1"),
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_PAUSE", "20ms"),
    ];
    let (app, library) = start(&more).await;
    library.told(Told::Says(500, "broken"));
    assert_eq!(state(&page(&app).await), "missing");

    library.told(Told::Knows);
    until(&app, "fresh").await;
}

#[tokio::test]
async fn a_book_that_nobody_knows_is_no_failure() {
    let more = [
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_FAILURES", "1"),
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_PAUSE", "1h"),
        ("TRIPTYCH_OPEN_LIBRARY__ABSENT_FOR", "0ms"),
    ];
    let (app, library) = start(&more).await;
    library.told(Told::Says(404, "no such book"));
    page(&app).await;
    library.told(Told::Knows);
    until(&app, "fresh").await;
}

//! What of the library is shown, and what it gets from us.

use proto::books::v1::Book;
use reqwest::Method;
use serde_json::{Value, json};
use test_kit::fake_core::GetBook;

use super::{PAGE, fake::Told, page, start, start_at, until};
use crate::harness::book;

#[tokio::test]
async fn shows_what_the_library_knows_of_the_book() {
    let (app, library) = start(&[("TRIPTYCH_OPEN_LIBRARY__WAIT", "800ms")]).await;

    let page = page(&app).await;

    insta::assert_json_snapshot!(page["library"], @r#"
    {
      "cover": {
        "large": null,
        "medium": "https://covers.openlibrary.org/b/id/7-M.jpg",
        "small": "https://covers.openlibrary.org/b/id/7-S.jpg"
      },
      "description": "With a map.",
      "excerpt": "It was a calm night.",
      "rating": 4.28,
      "ratingsCount": 420,
      "subjects": [
        "Ships",
        "Storms"
      ]
    }
    "#);
    assert_eq!(page["meta"]["sections"]["library"], json!({"state": "fresh"}));
    let mut targets: Vec<_> = library.seen().into_iter().map(|seen| seen.target).collect();
    targets.sort();
    assert_eq!(
        targets,
        [
            "/api/books?bibkeys=ISBN%3A9780306406157&format=json&jscmd=data",
            "/search.json?isbn=9780306406157&fields=key%2Cratings_average%2Cratings_count&limit=1",
        ]
    );
}

#[tokio::test]
async fn there_is_no_such_section_unless_the_settings_name_a_library() {
    let app = start_at("", &[]).await;
    let page = page(&app).await;
    assert_eq!(page.get("library"), None);
    assert_eq!(page["meta"]["sections"].get("library"), None);
}

#[tokio::test]
async fn nothing_of_the_reader_reaches_the_library() {
    const SECRETS: [&str; 6] = [
        "ada-s-token",
        "s3cret",
        "mozilla",
        "trace-me",
        "sv-se",
        "10.1.2.3",
    ];
    let gives_away = |text: &str| SECRETS.iter().any(|secret| text.contains(secret));
    let (app, library) = start(&[]).await;
    let readers_request = |url: String| {
        let request = app.ada.request(Method::GET, PAGE).build().expect("a request");
        let headers = request.headers().clone();
        let asked = reqwest::Client::new().get(url).headers(headers);
        asked
            .header("cookie", "theme=s3cret")
            .header("user-agent", "Mozilla/5.0")
            .header("x-request-id", "trace-me")
            .header("accept-language", "sv-SE")
            .header("x-forwarded-for", "10.1.2.3")
    };

    let url = app.guest.request(Method::GET, PAGE).build().expect("a request");
    let url = format!("{}?reader=s3cret", url.url());
    let answer = readers_request(url).send().await.expect("the gateway answers");
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-request-id"], "trace-me");

    let seen = library.seen();
    assert_eq!(seen.len(), 2);
    for request in &seen {
        let mut names: Vec<_> = request.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"]);
        assert_eq!(request.headers["user-agent"], "triptych");
        assert!(!gives_away(&request.text()), "{request:?}");
    }

    // A gateway that passed the request on would have been noticed.
    let passed_on = readers_request(library.url()).send().await;
    assert_eq!(passed_on.expect("the library answers").status(), 200);
    assert!(gives_away(&library.seen()[2].text()));
}

#[tokio::test]
async fn a_book_without_a_proper_isbn_is_not_asked_for() {
    let (app, library) = start(&[]).await;
    for isbn in [
        None,
        Some(""),
        Some("0306406152"),
        Some("978030640615X"),
        Some("../../search"),
    ] {
        let odd = Book {
            isbn13: isbn.map(str::to_owned),
            ..book(7)
        };
        app.core.gives(GetBook, odd);
        let page = page(&app).await;
        assert_eq!(page["library"], Value::Null, "{isbn:?}");
        assert_eq!(page["meta"]["sections"]["library"]["state"], "fresh", "{isbn:?}");
    }
    assert_eq!(library.seen().len(), 0);
}

#[tokio::test]
async fn fields_of_another_type_are_left_out_of_the_section() {
    let (app, library) = start(&[]).await;
    let odd = r#"{"ISBN:9780306406157": {"cover": 1, "notes": ["x"], "excerpts": {}, "subjects": [{"name": "Sea"}, 2]}}"#;
    library.told(Told::Says(200, odd));

    let page = until(&app, "fresh").await;

    let expected = json!({
        "cover": null, "description": null, "excerpt": null, "rating": null, "ratingsCount": 0, "subjects": ["Sea"],
    });
    assert_eq!(page["library"], expected);
}

//! Files of books that come in.

use futures_util::{StreamExt as _, stream};
use proto::books::v1::{
    BookFileFormat, BookFilePlace, ImportBooksRequest, ImportBooksResponse, ImportFinding, ImportProgress,
    import_books_request::Part, import_books_response::Event,
};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use test_kit::{client::Answer, fake_core::ImportBooks, status};

use crate::harness::{App, start, start_with};

const FILE: &str = "title,authors,price_cents,currency\nOne,Ada,1,EUR\n";

fn progress(rows: i64) -> ImportProgress {
    ImportProgress {
        rows,
        added: rows,
        changed: 1,
        unchanged: 2,
        refused: 3,
        left_out: 4,
        place: Some(BookFilePlace {
            lines: rows + 1,
            bytes: 49,
        }),
    }
}

fn told(event: Event) -> Result<ImportBooksResponse, tonic::Status> {
    Ok(ImportBooksResponse { event: Some(event) })
}

fn finding(refused: bool) -> Event {
    Event::Finding(ImportFinding {
        line: 917,
        column: "isbn".to_owned(),
        value: "812971060".to_owned(),
        reason: "is not an ISBN with a right check digit".to_owned(),
        refused,
    })
}

async fn import(app: &App, query: &str, kind: &str, file: impl Into<Body>) -> Answer {
    let request = app.ada.request(Method::POST, &format!("/v1/books/import{query}"));
    app.ada
        .send(request.header("content-type", kind).body(file))
        .await
}

/// The events of an answer, each with its name.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/event-stream")
    );
    let text = answer.body.as_str().expect("events are no JSON");
    let events = text.split("\n\n").filter(|event| event.contains("event: "));
    events
        .map(|event| {
            let line = |name: &str| {
                event
                    .lines()
                    .find_map(|line| line.strip_prefix(name))
                    .expect("a line")
            };
            let data = serde_json::from_str(line("data: ")).expect("JSON");
            (line("event: ").to_owned(), data)
        })
        .collect()
}

/// What the core got.
fn parts(app: &App) -> Vec<Part> {
    let call = app.core.call(ImportBooks);
    assert_eq!(call.header("authorization"), "Bearer ada-s-token");
    let part = |request: ImportBooksRequest| request.part.expect("a part");
    call.message.into_iter().map(part).collect()
}

/// Whether the core was told that the file has ended.
fn is_whole(parts: &[ImportBooksRequest]) -> bool {
    let last = parts.last().and_then(|last| last.part.as_ref());
    matches!(last, Some(Part::End(())))
}

/// A core that takes whole files and refuses parts, as the real one does.
fn wants_whole_files(app: &App) {
    app.core.on(ImportBooks, |parts| match is_whole(parts) {
        true => Ok(vec![told(Event::Done(progress(1)))]),
        false => Err(status::invalid(&[("file", "broke off before its end")])),
    });
}

#[tokio::test]
async fn the_core_gets_the_file_and_the_client_its_events() {
    let app = start().await;
    let answers = [
        Event::Progress(progress(500)),
        finding(true),
        finding(false),
        Event::Done(progress(501)),
    ];
    app.core.gives(ImportBooks, answers.map(told).to_vec());

    let answer = import(
        &app,
        "?map=goodbooks&dryRun=true",
        "text/csv; charset=utf-8",
        FILE,
    )
    .await;

    insta::assert_json_snapshot!(events(&answer), @r#"
    [
      [
        "progress",
        {
          "added": 500,
          "changed": 1,
          "leftOut": 4,
          "refused": 3,
          "resumeFrom": {
            "bytes": 49,
            "lines": 501
          },
          "rows": 500,
          "unchanged": 2
        }
      ],
      [
        "refused",
        {
          "column": "isbn",
          "reason": "is not an ISBN with a right check digit",
          "row": 917,
          "value": "812971060"
        }
      ],
      [
        "leftOut",
        {
          "column": "isbn",
          "reason": "is not an ISBN with a right check digit",
          "row": 917,
          "value": "812971060"
        }
      ],
      [
        "done",
        {
          "added": 501,
          "changed": 1,
          "leftOut": 4,
          "refused": 3,
          "resumeFrom": {
            "bytes": 49,
            "lines": 502
          },
          "rows": 501,
          "unchanged": 2
        }
      ]
    ]
    "#);
    assert_eq!(answer.header("cache-control"), "no-store");
    // Whoever brings that back sees the books through any gateway.
    assert_eq!(answer.header("change-position"), "unknown");
    let [Part::Start(start), Part::Chunk(chunk), Part::End(())] = &*parts(&app) else {
        panic!("{:?}", parts(&app))
    };
    assert_eq!(
        (start.format(), &*start.map, start.dry_run),
        (BookFileFormat::Csv, "goodbooks", true)
    );
    assert_eq!((&**chunk, start.resume_from), (FILE.as_bytes(), None));
}

#[tokio::test]
async fn a_file_goes_on_where_it_was_cut_off() {
    let app = start().await;
    app.core.gives(ImportBooks, vec![told(Event::Done(progress(1)))]);
    import(
        &app,
        "?afterLines=501&afterBytes=40213",
        "application/x-ndjson",
        "{}",
    )
    .await
    .ok();
    let Part::Start(start) = &parts(&app)[0] else {
        panic!("no start")
    };
    assert_eq!(start.format(), BookFileFormat::Ndjson);
    assert_eq!(
        start.resume_from,
        Some(BookFilePlace {
            lines: 501,
            bytes: 40213
        })
    );
}

#[tokio::test]
async fn a_large_file_goes_in_pieces() {
    let app = start().await;
    app.core.gives(ImportBooks, vec![told(Event::Done(progress(1)))]);
    let file = "x".repeat(1_000_000);
    import(&app, "", "text/csv", file.clone()).await.ok();
    let parts = parts(&app);
    let chunks: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Chunk(chunk) => Some(chunk.len()),
            _ => None,
        })
        .collect();
    assert_eq!(chunks.iter().sum::<usize>(), file.len());
    assert!(chunks.iter().all(|length| *length <= 64 * 1024), "{chunks:?}");
}

#[tokio::test]
async fn what_is_wrong_with_the_question_never_reaches_the_core() {
    let app = start().await;
    for kind in ["application/json", "text/plain", "", "multipart/form-data"] {
        let answer = import(&app, "", kind, FILE).await;
        assert_eq!(answer.problem(), (415, "UNSUPPORTED_MEDIA_TYPE"), "{kind}");
    }
    for (query, error) in [
        ("?afterLines=-1", "afterLines has to be at least 0"),
        ("?dryRun=maybe", "dryRun has to be true or false"),
        ("?file=x", "file is unknown"),
    ] {
        assert_eq!(import(&app, query, "text/csv", FILE).await.errors(), [error]);
    }
    assert!(app.core.calls(ImportBooks).is_empty());
}

#[tokio::test]
async fn a_file_that_the_core_refuses_as_a_whole_is_a_problem() {
    let app = start().await;
    app.core.refuses(
        ImportBooks,
        status::invalid(&[("file", "line 1: the header does not fit the map")]),
    );
    let answer = import(&app, "", "text/csv", FILE).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(answer.errors(), ["file line 1: the header does not fit the map"]);

    app.core.refuses(ImportBooks, tonic::Status::unavailable("busy"));
    let answer = import(&app, "", "text/csv", FILE).await;
    assert_eq!(answer.problem(), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn an_import_that_does_not_go_on_ends_with_the_reason() {
    let app = start().await;
    let answers = vec![
        told(Event::Progress(progress(500))),
        Err(tonic::Status::unavailable("a secret")),
    ];
    app.core.gives(ImportBooks, answers);

    let answer = import(&app, "", "text/csv", FILE).await;

    let events = events(&answer);
    assert_eq!(
        (&*events[0].0, &*events[1].0, events.len()),
        ("progress", "failed", 2)
    );
    assert_eq!(events[0].1["resumeFrom"], json!({"lines": 501, "bytes": 49}));
    assert_eq!(events[1].1["code"], "UNAVAILABLE");
    assert_eq!(events[1].1["requestId"], answer.header("x-request-id"));
    assert!(!answer.body.to_string().contains("secret"));

    // So does one that stops without a word.
    app.core.gives(ImportBooks, vec![]);
    let events = self::events(&import(&app, "", "text/csv", FILE).await);
    assert_eq!(
        (&*events[0].0, &events[0].1["code"]),
        ("failed", &json!("INTERNAL"))
    );
}

#[tokio::test]
async fn a_file_may_be_larger_than_other_bodies_but_not_of_any_size() {
    let limit = ("TRIPTYCH_FILES__MAX_IMPORT_BYTES", "200000");
    let app = start_with([limit]).await;
    wants_whole_files(&app);
    import(&app, "", "text/csv", "x".repeat(200_000)).await.ok();
    assert_eq!(
        import(&app, "", "text/csv", "x".repeat(200_001)).await.problem(),
        (413, "BODY_TOO_LARGE")
    );

    // One that does not say beforehand how long it is, is cut off; the core is not told that it has ended.
    let pieces = stream::iter(vec!["x".repeat(100_000); 3]).map(Ok::<_, std::io::Error>);
    let answer = import(&app, "", "text/csv", Body::wrap_stream(pieces)).await;
    assert_eq!(answer.problem(), (413, "BODY_TOO_LARGE"));
    let calls = app.core.calls(ImportBooks);
    let ended: Vec<_> = calls.iter().map(|call| is_whole(&call.message)).collect();
    assert_eq!(ended, [true, false]);

    // Other routes keep their limit.
    let answer = app
        .ada
        .post_bytes("/v1/books", "application/json", vec![b' '; 100_000])
        .await;
    assert_eq!(answer.problem(), (413, "BODY_TOO_LARGE"));
}

#[tokio::test]
async fn a_file_that_stops_coming_is_given_up_and_never_taken_for_a_whole_one() {
    let app = start_with([("TRIPTYCH_FILES__IDLE", "50ms")]).await;
    wants_whole_files(&app);
    let body = stream::iter([Ok::<_, std::io::Error>(FILE)]).chain(stream::pending());
    let answer = import(&app, "", "text/csv", Body::wrap_stream(body)).await;
    assert_eq!(answer.problem(), (422, "INVALID_INPUT"));
    assert_eq!(answer.errors(), ["file stopped coming for 50ms"]);
}

#[tokio::test]
async fn an_import_ends_with_its_time() {
    let app = start_with([("TRIPTYCH_FILES__LONGEST", "0ms")]).await;
    app.core
        .gives(ImportBooks, vec![told(Event::Progress(progress(1)))]);
    let events = events(&import(&app, "", "text/csv", FILE).await);
    let last = events.last().expect("an event");
    assert_eq!(
        (&*last.0, &last.1["code"]),
        ("failed", &json!("DEADLINE_EXCEEDED"))
    );
}

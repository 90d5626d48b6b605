//! Files of books that go out.

use proto::books::v1::{BookFileFormat, ExportBooksResponse};
use reqwest::Method;
use test_kit::fake_core::ExportBooks;
use tonic::Status;

use crate::harness::{start, start_with};

fn chunk(text: &'static str) -> Result<ExportBooksResponse, Status> {
    Ok(ExportBooksResponse { chunk: text.into() })
}

#[tokio::test]
async fn the_file_comes_as_the_core_writes_it() {
    let app = start().await;
    app.core
        .gives(ExportBooks, vec![chunk("id,title\n"), chunk("7,One\n")]);

    let csv = app.ada.get("/v1/books/export").await;

    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        csv.header("content-disposition"),
        "attachment; filename=\"books.csv\""
    );
    assert_eq!(csv.header("cache-control"), "no-store");
    assert_eq!(csv.ok(), "id,title\n7,One\n");
    let call = app.core.call(ExportBooks);
    assert_eq!(call.header("authorization"), "Bearer ada-s-token");
    assert_eq!(
        (call.message.format(), call.message.after_id),
        (BookFileFormat::Csv, 0)
    );

    let ndjson = app.ada.get("/v1/books/export?format=ndjson&after=7").await;
    assert_eq!(ndjson.header("content-type"), "application/x-ndjson");
    assert_eq!(
        ndjson.header("content-disposition"),
        "attachment; filename=\"books.ndjson\""
    );
    let asked = &app.core.calls(ExportBooks)[1].message;
    assert_eq!((asked.format(), asked.after_id), (BookFileFormat::Ndjson, 7));
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let app = start().await;
    for (query, error) in [
        ("format=xml", "format has to be one of csv, ndjson"),
        ("after=0", "after has to be at least 1"),
        ("after=x", "after has to be a whole number"),
        ("limit=3", "limit is unknown"),
    ] {
        assert_eq!(
            app.ada.get(&format!("/v1/books/export?{query}")).await.errors(),
            [error]
        );
    }
    assert!(app.core.calls(ExportBooks).is_empty());

    app.core.refuses(ExportBooks, Status::unavailable("busy"));
    assert_eq!(
        app.ada.get("/v1/books/export").await.problem(),
        (503, "UNAVAILABLE")
    );
}

#[tokio::test]
async fn a_file_that_breaks_off_does_not_look_like_a_whole_one() {
    let app = start().await;
    app.core.gives(
        ExportBooks,
        vec![chunk("id,title\n"), Err(Status::unavailable("gone"))],
    );
    let request = app.ada.request(Method::GET, "/v1/books/export");
    assert!(app.ada.try_send(request).await.is_err());

    let app = start_with([("TRIPTYCH_FILES__LONGEST", "0ms")]).await;
    app.core.gives(ExportBooks, vec![chunk("id,title\n")]);
    let request = app.ada.request(Method::GET, "/v1/books/export");
    assert!(app.ada.try_send(request).await.is_err());
}

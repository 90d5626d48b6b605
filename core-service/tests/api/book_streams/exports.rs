//! Files that go out.

use proto::books::v1::{BookFileFormat, ImportBooksStart};
use serde_json::Value;

use super::{BATCH, HEADER, Sending, counts, export, import, rows, try_export};
use crate::app::{App, refusal};

#[tokio::test]
async fn what_is_exported_can_be_imported_and_cut_off_and_continued() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    import(&app, &tim, &format!("{HEADER}{}", rows(0..2 * BATCH + 3))).await;

    for (format, header) in [(BookFileFormat::Csv, 1), (BookFileFormat::Ndjson, 0)] {
        let whole = export(&app, &tim, format, 0).await;
        let start = ImportBooksStart {
            format: format.into(),
            ..ImportBooksStart::default()
        };
        let sending = Sending::begin(&app, &tim, start, &whole).await.unwrap();
        sending.end().await;
        assert_eq!(counts(sending.done().await), [0, 0, 1003, 0]);

        let id = match format {
            BookFileFormat::Ndjson => {
                let line = whole.lines().nth(700).unwrap();
                serde_json::from_str::<Value>(line).unwrap()["id"]
                    .as_i64()
                    .unwrap()
            }
            _ => whole
                .lines()
                .nth(header + 2 * 700)
                .unwrap()
                .split(',')
                .next()
                .unwrap()
                .parse()
                .unwrap(),
        };
        let rest = export(&app, &tim, format, id).await;
        assert!(whole.ends_with(&rest) && rest.contains("a:701") && !rest.contains("a:700"));
    }
    let refused = try_export(&app, &tim, BookFileFormat::Csv, -1).await;
    assert_eq!(refusal(refused.map(tonic::Response::new)).2[0].0, "after_id");
}

#[tokio::test]
async fn a_shop_without_books_exports_a_header_alone() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let csv = export(&app, &tim, BookFileFormat::Csv, 0).await;
    assert_eq!(
        csv,
        "id,import_key,isbn13,title,authors,published_year,language,description,cover_url,price_cents,currency,stock,\
         rating_hundredths,ratings_count\n"
    );
    assert_eq!(export(&app, &tim, BookFileFormat::Csv, 7).await, "");
    assert_eq!(export(&app, &tim, BookFileFormat::Ndjson, 0).await, "");
}

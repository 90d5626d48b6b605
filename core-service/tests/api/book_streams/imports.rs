//! Files that come in.

use proto::books::v1::ImportBooksStart;
use proto::books::v1::import_books_response::Event;
use tokio::sync::mpsc;
use tonic::Code;

use super::{BATCH, HEADER, Sending, counts, import, rows, shelf};
use crate::app::{App, refusal};

#[tokio::test]
async fn a_file_is_taken_while_it_comes() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let first = format!("{HEADER}{}", rows(0..BATCH));
    let mut sending = Sending::begin(&app, &tim, ImportBooksStart::default(), &first)
        .await
        .unwrap();

    let progress = sending.progress().await;
    assert_eq!((progress.rows, counts(progress)), (500, [500, 0, 0, 0]));
    assert_eq!(shelf(&app, &tim).await, 500);

    sending.send(&rows(BATCH..BATCH + 7)).await;
    sending.end().await;
    let done = sending.done().await;
    assert_eq!((done.rows, counts(done)), (507, [507, 0, 0, 0]));
    assert_eq!(shelf(&app, &tim).await, 507);
}

#[tokio::test]
async fn a_file_that_was_cut_off_goes_on_where_it_was() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let file = format!("{HEADER}{}", rows(0..2 * BATCH));
    let cut = file.len() * 3 / 4;
    let mut sending = Sending::begin(&app, &tim, ImportBooksStart::default(), &file[..cut])
        .await
        .unwrap();
    let place = sending.progress().await.place.unwrap();
    let Sending { parts, told } = sending;
    drop(parts);
    let (events, ended) = Sending {
        parts: mpsc::channel(1).0,
        told,
    }
    .rest()
    .await;
    assert!(events.is_empty(), "half of a batch was taken: {events:?}");
    let (code, _, about) = refusal(ended.map(tonic::Response::new));
    assert_eq!((code, &*about[0].0), (Code::InvalidArgument, "file"));
    assert!(about[0].1.contains("broke off"), "{about:?}");
    assert_eq!(shelf(&app, &tim).await, BATCH);

    let start = ImportBooksStart {
        resume_from: Some(place),
        ..ImportBooksStart::default()
    };
    let bytes = usize::try_from(place.bytes).unwrap();
    let rest = format!("{HEADER}{}a:x,,Ada,1,EUR,3\r\n", &file[bytes..]);
    let sending = Sending::begin(&app, &tim, start, &rest).await.unwrap();
    sending.end().await;
    let (events, ended) = sending.rest().await;
    ended.unwrap();
    let [
        Event::Progress(_),
        Event::Finding(finding),
        Event::Progress(progress),
        Event::Done(done),
    ] = &*events
    else {
        panic!("{events:?}")
    };
    assert_eq!(counts(*done), [500, 0, 0, 1]);
    // Lines and bytes are those of the whole file: each row takes two lines.
    assert_eq!(finding.line, 1 + 2 * 2 * BATCH as i64 + 1);
    let end = progress.place.unwrap();
    assert_eq!(
        (end.lines, end.bytes),
        (finding.line, (file.len() + "a:x,,Ada,1,EUR,3\r\n".len()) as i64)
    );
    assert_eq!(counts(import(&app, &tim, &file).await), [0, 0, 1000, 0]);
}

#[tokio::test]
async fn the_last_row_counts_only_where_the_file_has_ended() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    // It may have had 35 copies.
    let text = format!("{HEADER}a:1,One,Ada,1,EUR,3");
    let Sending { parts, told } = Sending::begin(&app, &tim, ImportBooksStart::default(), &text)
        .await
        .unwrap();
    drop(parts);
    let cut_off = Sending {
        parts: mpsc::channel(1).0,
        told,
    };
    assert!(cut_off.rest().await.1.is_err());
    assert_eq!(shelf(&app, &tim).await, 0);

    assert_eq!(counts(import(&app, &tim, &text).await), [1, 0, 0, 0]);
}

#[tokio::test]
async fn what_is_wrong_with_a_row_is_told_and_the_others_are_taken() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let text = format!("{HEADER}a:1,One,Ada,1,EUR,3\na:2,,Ada,many,EUR,3\na:3\n");
    let sending = Sending::begin(&app, &tim, ImportBooksStart::default(), &text)
        .await
        .unwrap();
    sending.end().await;

    let (events, ended) = sending.rest().await;

    ended.unwrap();
    let told: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Finding(finding) => format!(
                "{}: {} {:?} {}",
                finding.line, finding.column, finding.value, finding.reason
            ),
            Event::Progress(progress) => format!("progress {:?}", counts(*progress)),
            Event::Done(done) => format!("done {:?}", counts(*done)),
        })
        .collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "3: title \"\" can't be blank",
        "3: price_cents \"many\" is not a whole number",
        "4:  \"\" has 1 columns where the header has 6",
        "progress [1, 0, 0, 2]",
        "done [1, 0, 0, 2]",
    ]
    "#);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let start = ImportBooksStart {
        dry_run: true,
        ..ImportBooksStart::default()
    };
    let sending = Sending::begin(&app, &tim, start, &format!("{HEADER}{}", rows(0..3)))
        .await
        .unwrap();
    sending.end().await;
    assert_eq!(counts(sending.done().await), [3, 0, 0, 0]);
    assert_eq!(shelf(&app, &tim).await, 0);
}

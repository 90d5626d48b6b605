//! Files that are refused, too large, too slow, or that nobody waits for any more.

use std::time::{Duration, Instant};

use core_service::settings::Settings;
use proto::books::v1::import_books_request::Part;
use proto::books::v1::import_books_response::Event;
use proto::books::v1::{BookFileFormat, BookFilePlace, ImportBooksStart};
use service_kit::settings::Period;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use super::{BATCH, HEADER, Sending, part, rows, shelf, try_export};
use crate::app::{App, refusal};

#[tokio::test]
async fn whoever_goes_away_leaves_whole_batches_and_a_free_seat() {
    let app = App::start_with(|settings| settings.transfers.at_once = 1).await;
    let tim = app.staff("tim").await;
    let text = format!("{HEADER}{}", rows(0..BATCH + 1));
    let mut sending = Sending::begin(&app, &tim, ImportBooksStart::default(), &text)
        .await
        .unwrap();
    sending.progress().await;

    let second = Sending::begin(&app, &tim, ImportBooksStart::default(), HEADER).await;
    assert_eq!(
        refusal(second.map(|_| tonic::Response::new(()))).0,
        Code::Unavailable
    );
    drop(sending);

    let again = async { while try_export(&app, &tim, BookFileFormat::Ndjson, 0).await.is_err() {} };
    tokio::time::timeout(Duration::from_secs(10), again)
        .await
        .expect("the seat is given back");
    assert_eq!(shelf(&app, &tim).await, BATCH);
}

#[tokio::test]
async fn no_more_than_a_thousand_findings_are_told() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let text = format!("{HEADER}{}", "x\n".repeat(1_200));
    let sending = Sending::begin(&app, &tim, ImportBooksStart::default(), &text)
        .await
        .unwrap();
    sending.end().await;
    let (events, _) = sending.rest().await;
    let findings = events
        .iter()
        .filter(|event| matches!(event, Event::Finding(_)))
        .count();
    assert_eq!(findings, 1_000);
    let Some(Event::Done(done)) = events.last() else {
        panic!("it is not done")
    };
    assert_eq!(done.refused, 1_200);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_at_all_is_refused_before_anything_is_taken() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let with_map = |map: &str| ImportBooksStart {
        map: map.to_owned(),
        ..ImportBooksStart::default()
    };
    let before_the_start = BookFilePlace { lines: -1, bytes: 0 };
    let resumed = ImportBooksStart {
        resume_from: Some(before_the_start),
        ..ImportBooksStart::default()
    };
    // What is wrong with a header travels in the head of an answer, however wide the file is.
    let wide: Vec<_> = (0..1_000).map(|number| format!("{number:0200}")).collect();
    let wide = wide.join(",") + "\n";
    for (start, text, field, told) in [
        (
            with_map(""),
            "title,autors\n",
            "file",
            "there is no column `authors`",
        ),
        (with_map(""), &*wide, "file", "and 989 more"),
        (with_map("goodbooks"), HEADER, "file", "does not fit the map"),
        (
            with_map("/etc/passwd"),
            HEADER,
            "map",
            "has to be one of triptych, goodbooks",
        ),
        (with_map("./goodbooks.toml"), HEADER, "map", "has to be one of"),
        (resumed, HEADER, "resume_from", "can't be negative"),
    ] {
        let refused = Sending::begin(&app, &tim, start, text).await;
        let (code, _, about) = refusal(refused.map(|_| tonic::Response::new(())));
        assert_eq!((code, &*about[0].0), (Code::InvalidArgument, field));
        assert!(about[0].1.contains(told), "{about:?}");
    }
    let (parts, stream) = mpsc::channel(1);
    parts.send(part(Part::End(()))).await.unwrap();
    let refused = app
        .books()
        .import_books(tim.asks(ReceiverStream::new(stream)))
        .await;
    assert_eq!(refusal(refused).2[0].0, "start");
}

#[tokio::test]
async fn a_file_that_is_too_large_or_stops_coming_is_given_up() {
    let small = |settings: &mut Settings| settings.transfers.max_import_bytes = 1_000;
    let app = App::start_with(small).await;
    let tim = app.staff("tim").await;
    let sending = Sending::begin(&app, &tim, ImportBooksStart::default(), HEADER)
        .await
        .unwrap();
    sending.send(&rows(0..100)).await;
    let (_, ended) = sending.rest().await;
    let (code, _, about) = refusal(ended.map(tonic::Response::new));
    assert_eq!(code, Code::InvalidArgument);
    assert!(about[0].1.contains("has more than 1000 bytes"), "{about:?}");

    let brief = |settings: &mut Settings| {
        settings.transfers.idle = Period::from(Duration::from_millis(300));
    };
    let app = app.beside(brief).await;
    let sending = Sending::begin(&app, &tim, ImportBooksStart::default(), HEADER)
        .await
        .unwrap();
    let (_, ended) = sending.rest().await;
    let (_, _, about) = refusal(ended.map(tonic::Response::new));
    assert!(about[0].1.contains("nothing more came for 300ms"), "{about:?}");
}

#[tokio::test]
async fn a_stream_outlives_the_time_of_a_call_but_not_its_own() {
    let app = App::start().await;
    let tim = app.staff("tim").await;
    let app = app.beside(|settings| {
        settings.grpc.timeout = Period::from(Duration::from_millis(400));
        settings.transfers.longest = Period::from(Duration::from_secs(3));
    });
    let app = app.await;
    let began = Instant::now();
    let mut sending = Sending::begin(&app, &tim, ImportBooksStart::default(), HEADER)
        .await
        .unwrap();
    let mut number = 0;
    while began.elapsed() < Duration::from_millis(800) {
        sending.send(&rows(number..number + BATCH)).await;
        sending.progress().await;
        number += BATCH;
    }

    let (_, ended) = sending.rest().await;
    assert_eq!(refusal(ended.map(tonic::Response::new)).0, Code::Unavailable);
    assert!(began.elapsed() >= Duration::from_secs(3));
}

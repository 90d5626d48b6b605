//! Whole catalogues through the staff's gateway: in while it tells what becomes of them, out again, and on
//! after a cut.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use e2e::{Cluster, STAFF, eventually};
use futures_util::stream;
use reqwest::{Body, Method, Response};
use serde_json::{Value, json};
use test_kit::client::Client;
use tokio::sync::mpsc;

const HEADER: &str = "import_key,title,authors,price_cents,currency\n";

/// Rows of books that no shop has yet.
fn rows(numbers: std::ops::Range<usize>) -> String {
    numbers.fold(String::new(), |mut rows, number| {
        writeln!(rows, "cut:{number},Cut {number},Ada,1499,EUR").unwrap();
        rows
    })
}

/// A body that is sent by and by; an error cuts the connection.
fn by_and_by() -> (mpsc::Sender<io::Result<String>>, Body) {
    let (wire, pieces) = mpsc::channel(4);
    let pieces = stream::unfold(pieces, |mut pieces: mpsc::Receiver<_>| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    (wire, Body::wrap_stream(pieces))
}

/// What is told of an import, event by event.
struct Events {
    answer: Response,
    text: String,
}

impl Events {
    async fn of(staff: &Client, query: &str, file: impl Into<Body>) -> Self {
        let request = staff.request(Method::POST, &format!("/v1/books/import{query}"));
        let request = request.header("content-type", "text/csv").body(file);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        Self {
            answer,
            text: String::new(),
        }
    }

    /// The next event that is no sign of life.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(name), Some(data)) = (line("event: "), line("data: ")) {
                    return (name.to_owned(), serde_json::from_str(data).unwrap());
                }
                continue;
            }
            let more = self
                .answer
                .chunk()
                .await
                .unwrap()
                .expect("an import ends with an event");
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// How it ends.
    async fn last(mut self) -> (String, Value) {
        loop {
            let (name, data) = self.next().await;
            if name == "done" || name == "failed" {
                return (name, data);
            }
        }
    }

    async fn done(self) -> [u64; 4] {
        let (name, data) = self.last().await;
        assert_eq!(name, "done", "{data}");
        ["added", "changed", "unchanged", "refused"].map(|count| data[count].as_u64().unwrap())
    }
}

async fn export(staff: &Client, query: &str) -> String {
    let request = staff.request(Method::GET, &format!("/v1/books/export{query}"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

/// The real catalogue, beside the workspace.
#[expect(clippy::print_stdout, reason = "the runner shows it to whoever wants to know")]
fn goodbooks() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/goodbooks/books.csv");
    if !file.exists() {
        println!("skipped: there is no {}", file.display());
        return None;
    }
    Some(file)
}

#[tokio::test]
async fn ten_thousand_real_books_go_in_and_out_and_in_again() {
    let Some(file) = goodbooks() else { return };
    let cluster = Cluster::start().await;
    let staff = cluster.desktop_as(STAFF).await;
    let before = export(&staff, "?format=ndjson").await.lines().count();
    let file = std::fs::read(file).unwrap();

    let mut events = Events::of(&staff, "?map=goodbooks", file.clone()).await;
    let (name, first) = events.next().await;
    assert_eq!((&*name, &first["rows"]), ("progress", &json!(500)));
    let [added, changed, unchanged, refused] = events.done().await;
    assert_eq!((added + changed + unchanged, refused), (10_000, 0));
    assert_eq!(
        Events::of(&staff, "?map=goodbooks", file).await.done().await,
        [0, 0, 10_000, 0]
    );

    let books = before as u64 + added;
    let csv = export(&staff, "").await;
    assert_eq!(Events::of(&staff, "", csv).await.done().await, [0, 0, books, 0]);
    assert_eq!(
        export(&staff, "?format=ndjson").await.lines().count() as u64,
        books
    );
}

#[tokio::test]
async fn a_connection_that_is_cut_leaves_whole_batches_and_the_rest_follows() {
    let cluster = Cluster::start().await;
    let staff = cluster.desktop_as(STAFF).await;
    let file = format!("{HEADER}{}", rows(0..2_000));
    let half = file.len() * 3 / 5;
    let (wire, body) = by_and_by();
    wire.send(Ok(file[..half].to_owned())).await.unwrap();
    let mut events = Events::of(&staff, "", body).await;
    let mut progress = Value::Null;
    while progress["rows"] != 1_000 {
        (_, progress) = events.next().await;
    }
    wire.send(Err(io::ErrorKind::ConnectionAborted.into()))
        .await
        .unwrap();
    drop(events);

    let place = &progress["resumeFrom"];
    let from = usize::try_from(place["bytes"].as_u64().unwrap()).unwrap();
    let query = format!("?afterLines={}&afterBytes={from}", place["lines"]);
    let rest = format!("{HEADER}{}", &file[from..]);
    assert_eq!(
        Events::of(&staff, &query, rest).await.done().await,
        [1_000, 0, 0, 0]
    );
    assert_eq!(Events::of(&staff, "", file).await.done().await, [0, 0, 2_000, 0]);
}

#[tokio::test]
async fn a_core_that_dies_under_an_import_is_told_and_the_rest_follows() {
    let mut cluster = Cluster::start().await;
    let staff = cluster.desktop_as(STAFF).await;
    let (wire, body) = by_and_by();
    wire.send(Ok(format!("{HEADER}{}", rows(0..600)))).await.unwrap();
    let mut events = Events::of(&staff, "", body).await;
    assert_eq!(events.next().await.0, "progress");

    cluster.core.kill().await;
    let (name, problem) = events.last().await;
    assert_eq!((&*name, &problem["code"]), ("failed", &json!("UNAVAILABLE")));
    drop(wire);
    cluster.core.start().await;

    let again = || async {
        let request = staff.request(Method::GET, "/v1/workspace");
        staff.send(request).await.status == 200
    };
    eventually("the gateway reaches the core", again).await;
    let whole = format!("{HEADER}{}", rows(0..600));
    assert_eq!(Events::of(&staff, "", whole).await.done().await, [100, 0, 500, 0]);
}

#[tokio::test]
async fn an_export_that_is_cut_goes_on_after_the_last_whole_row() {
    let cluster = Cluster::start().await;
    let staff = cluster.desktop_as(STAFF).await;
    let file = format!("{HEADER}{}", rows(0..3_000));
    Events::of(&staff, "", file).await.done().await;
    let whole = export(&staff, "").await;

    let request = staff.request(Method::GET, "/v1/books/export");
    let mut answer = request.send().await.unwrap();
    let begun = answer.chunk().await.unwrap().expect("the file begins");
    drop(answer);
    let begun = std::str::from_utf8(&begun).unwrap();
    let kept = &begun[..=begun.rfind('\n').unwrap()];
    let id = kept.lines().last().unwrap().split(',').next().unwrap();

    let rest = export(&staff, &format!("?after={id}")).await;
    assert!(kept.len() + rest.len() == whole.len() && whole.starts_with(kept) && whole.ends_with(&rest));
}

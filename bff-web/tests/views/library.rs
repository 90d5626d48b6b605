//! The section of a book's page that comes from a library of others, and the page while that library is
//! slow, wrong or away.

mod fake;
mod kept;
mod shown;
mod trouble;

use std::time::{Duration, Instant};

use serde_json::Value;
use test_kit::fake_core::GetBook;

use crate::harness::{App, book, start_with};
use fake::FakeLibrary;

const PAGE: &str = "/api/views/books/7";
/// Far less than the library may take, and far more than the page does, for a machine that does much else.
const SOON: Duration = Duration::from_secs(8);

/// A gateway with a book and this library, which it waits for no longer than 100 ms unless `more` says so.
async fn start_at(library: &str, more: &[(&str, &str)]) -> App {
    let mut settings = vec![
        ("TRIPTYCH_OPEN_LIBRARY__URL", library),
        ("TRIPTYCH_OPEN_LIBRARY__WAIT", "100ms"),
        ("TRIPTYCH_OPEN_LIBRARY__BREAKER_FAILURES", "1000"),
        ("TRIPTYCH_OPEN_LIBRARY__TIMEOUT", "30s"),
    ];
    settings.extend(more);
    let app = start_with(&settings).await;
    app.core.gives(GetBook, book(7));
    app
}

async fn start(more: &[(&str, &str)]) -> (App, FakeLibrary) {
    let library = FakeLibrary::start().await;
    (start_at(&library.url(), more).await, library)
}

/// The page, which has to be there whatever the library does.
async fn page(app: &App) -> Value {
    let began = Instant::now();
    let page = app.guest.get(PAGE).await.ok();
    assert!(began.elapsed() < SOON, "the page waited for the library");
    assert_eq!(page["book"]["title"], "Book 7");
    page
}

/// What became of the section.
fn state(page: &Value) -> &str {
    let state = page["meta"]["sections"]["library"]["state"].as_str();
    let state = state.expect("the section is on");
    assert_eq!(page["library"].is_null(), state == "missing", "{page}");
    state
}

async fn until(app: &App, wanted: &str) -> Value {
    let there = async {
        loop {
            let page = page(app).await;
            if state(&page) == wanted {
                return page;
            }
        }
    };
    let there = tokio::time::timeout(Duration::from_secs(20), there).await;
    there.unwrap_or_else(|_| panic!("the section never was {wanted}"))
}

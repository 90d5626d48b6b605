//! A service with the shape of Open Library's, which does what a test tells it and remembers what it was
//! asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// What the library does with whatever it is asked.
#[derive(Clone, Debug)]
pub enum Told {
    /// Answers with what it knows.
    Knows,
    /// Answers that it knows no such book.
    KnowsNothing,
    /// Answers these words.
    Says(u16, &'static str),
    /// Answers that it knows no such book, in so many bytes.
    Sends(usize),
    /// Sends the caller there.
    Redirects(String),
    /// Answers only once it is told something else.
    Waits,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub target: String,
    pub headers: HeaderMap,
}

impl Seen {
    /// Everything that came, as text.
    pub fn text(&self) -> String {
        format!("{} {:?}", self.target, self.headers).to_lowercase()
    }
}

/// The library, on a port of its own.
pub struct FakeLibrary {
    address: SocketAddr,
    told: watch::Sender<Told>,
    seen: Arc<Mutex<Vec<Seen>>>,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Desk {
    told: watch::Receiver<Told>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FakeLibrary {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (told, listening) = watch::channel(Told::Knows);
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let desk = Desk {
            told: listening,
            seen: seen.clone(),
        };
        let routes = Router::new().fallback(answer).with_state(desk);
        let server = tokio::spawn(async move {
            #[expect(clippy::disallowed_methods, reason = "only the gateway under test calls it")]
            let served = axum::serve(listener, routes).await;
            served.expect("it serves until the test is over");
        });
        Self {
            address,
            told,
            seen,
            server,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn told(&self, what: Told) {
        self.told.send_replace(what);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics while it looks").clone()
    }

    /// How often it was asked for an edition, which every fetch does once.
    pub fn fetches(&self) -> usize {
        let seen = self.seen();
        seen.iter()
            .filter(|seen| seen.target.starts_with("/api/books"))
            .count()
    }
}

impl Drop for FakeLibrary {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(mut desk): State<Desk>, request: Request) -> Response {
    let target = request.uri().to_string();
    let seen = Seen {
        target: target.clone(),
        headers: request.headers().clone(),
    };
    desk.seen
        .lock()
        .expect("no test panics while it looks")
        .push(seen);
    let told = desk.told.wait_for(|told| !matches!(told, Told::Waits)).await;
    let told = told.expect("the test goes on").clone();
    match told {
        Told::Knows if target.starts_with("/api/books") => Json(edition(&target)).into_response(),
        Told::Knows => Json(work()).into_response(),
        Told::KnowsNothing if target.starts_with("/api/books") => Json(json!({})).into_response(),
        Told::KnowsNothing => Json(json!({"numFound": 0, "docs": []})).into_response(),
        Told::Says(status, words) => {
            let status = StatusCode::from_u16(status).expect("a status");
            (status, words).into_response()
        }
        Told::Sends(bytes) => Body::from(format!("{{}}{}", " ".repeat(bytes - 2))).into_response(),
        Told::Redirects(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Told::Waits => unreachable!("it has waited"),
    }
}

/// What `/api/books?…&jscmd=data` says of whatever book it is asked for.
fn edition(target: &str) -> Value {
    let isbn = target
        .split("ISBN%3A")
        .nth(1)
        .and_then(|rest| rest.split('&').next());
    let mut answer = json!({});
    answer[format!("ISBN:{}", isbn.unwrap_or_default())] = json!({
        "url": "https://openlibrary.org/books/OL7M/The_Sea",
        "key": "/books/OL7M",
        "title": "The Sea",
        "authors": [{"url": "https://openlibrary.org/authors/OL1A", "name": "Somebody"}],
        "identifiers": {"openlibrary": ["OL7M"]},
        "subjects": [
            {"name": "Ships", "url": "https://openlibrary.org/subjects/ships"},
            {"name": "Storms", "url": "https://openlibrary.org/subjects/storms"},
        ],
        "excerpts": [{"text": "It was a calm night.", "comment": "", "first_sentence": true}],
        "notes": {"type": "/type/text", "value": "With a map."},
        "cover": {
            "small": "https://covers.openlibrary.org/b/id/7-S.jpg",
            "medium": "https://covers.openlibrary.org/b/id/7-M.jpg",
            "large": "https://elsewhere.test/b/id/7-L.jpg",
        },
    });
    answer
}

/// What `/search.json?isbn=…` says.
fn work() -> Value {
    json!({
        "numFound": 1, "start": 0, "numFoundExact": true,
        "docs": [{"key": "/works/OL7W", "ratings_average": 4.276_190_476, "ratings_count": 420}],
    })
}

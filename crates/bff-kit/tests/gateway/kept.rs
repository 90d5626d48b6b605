//! What a gateway keeps of the core's answers, and for how long.

use std::time::Duration;

use bff_kit::settings::{ClientSettings, Deprecated, GatewaySettings};
use proto::{
    books::v1::Book,
    changes::v1::{Change, Operation, Position, subscribe_response::Event},
};
use reqwest::Method;
use service_kit::settings::Period;
use test_kit::{
    client::{Answer, Client},
    fake_core::{FakeCore, FakeFeed, GetBook, Subscribe, UpdateBook},
};
use tower_http::cors::CorsLayer;

use crate::harness::{App, Settings, start_for, start_with};

/// What the book depends on, and something that it does not depend on.
const BOOK: u64 = 7;
const OTHER: u64 = 8;
const PATH: &str = "/books/1";

/// A core with a book and a log of changes, and a gateway that follows it.
struct Kept {
    core: FakeCore,
    feed: FakeFeed,
    app: App,
    seq: i64,
}

fn position(epoch: u64, seq: i64) -> Position {
    Position { epoch, seq, tag: 0 }
}

impl Kept {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut GatewaySettings)) -> Self {
        Self::start_for(|_| None, change).await
    }

    async fn start_for(
        cors: fn(&Settings) -> Option<CorsLayer>,
        change: impl FnOnce(&mut GatewaySettings),
    ) -> Self {
        let core = FakeCore::start();
        let feed = FakeFeed::greeting(Event::Resync(position(0, 0)));
        core.gives(Subscribe, feed.clone());
        core.depends_on(GetBook, &[BOOK]);
        let url = core.url();
        let app = start_for(cors, |settings| {
            settings.core.url = url;
            change(settings);
        });
        let app = app.await.expect("a free port");
        let kept = Self {
            core,
            feed,
            app,
            seq: 0,
        };
        kept.titled("Emma");
        until("the log is followed", async || kept.feed.followers() == 1).await;
        // Until the greeting has been heard nothing is kept.
        until("something is kept", async || kept.asks(PATH).await == 0).await;
        kept
    }

    fn titled(&self, title: &str) {
        let title = title.to_owned();
        self.core.gives(
            GetBook,
            Book {
                title,
                ..Book::default()
            },
        );
    }

    /// Something was written that touches this key.
    fn change(&mut self, key: u64, operation: Operation) {
        let previous_seq = self.seq;
        self.seq += 1;
        self.feed.says(Event::Change(Change {
            position: Some(position(0, self.seq)),
            previous_seq,
            operation: operation.into(),
            touches: vec![key],
            ..Change::default()
        }));
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.client.get(path).await
    }

    /// The book's page, asked for with one field more.
    async fn get_with(&self, name: &str, value: &str) -> Answer {
        self.ask(PATH, name, value).await
    }

    /// Any page, asked for with one field more.
    async fn ask(&self, path: &str, name: &str, value: &str) -> Answer {
        let request = self.app.client.request(Method::GET, path);
        self.app.client.send(request.header(name, value)).await
    }

    /// Another gateway over the same core, which keeps the book's page as well.
    async fn replica(&self) -> App {
        let url = self.core.url();
        let replica = start_with(|settings| settings.core.url = url).await;
        until("the replica keeps it", async || {
            let before = self.core.calls(GetBook).len();
            replica.client.get(PATH).await.ok();
            self.core.calls(GetBook).len() == before
        })
        .await;
        replica
    }

    /// Gives the book another title, and is told that it has it.
    async fn rename(&self) -> Answer {
        let renamed = self
            .app
            .client
            .send(self.app.client.request(Method::PUT, PATH))
            .await;
        assert_eq!(renamed.status, 204, "{}", renamed.body);
        renamed
    }

    async fn title(&self) -> String {
        self.get(PATH).await.ok()["title"]
            .as_str()
            .expect("a title")
            .to_owned()
    }

    /// How often the core is asked for this.
    async fn asks(&self, path: &str) -> usize {
        let before = self.core.calls(GetBook).len();
        self.get(path).await.ok();
        self.core.calls(GetBook).len() - before
    }
}

async fn until(what: &str, mut question: impl AsyncFnMut() -> bool) {
    let yes = async {
        while !question().await {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), yes).await;
    in_time.unwrap_or_else(|_| panic!("{what}: not in time"));
}

#[tokio::test]
async fn the_core_is_asked_once_for_what_stays_true() {
    let mut kept = Kept::start().await;
    assert_eq!(kept.asks(PATH).await, 0);
    kept.change(OTHER, Operation::Updated);
    assert_eq!(kept.asks(PATH).await, 0);
    assert_eq!(kept.asks("/books/2").await, 1);
}

#[tokio::test]
async fn what_has_changed_is_asked_for_again() {
    let mut kept = Kept::start().await;
    kept.titled("Persuasion");
    assert_eq!(kept.title().await, "Emma");
    kept.change(BOOK, Operation::Updated);
    until("the change is seen", async || kept.title().await == "Persuasion").await;
}

#[tokio::test]
async fn a_part_that_was_made_once_is_made_again_when_its_answer_changes() {
    let mut kept = Kept::start().await;
    let card = async |kept: &Kept| {
        let page = kept.ask("/cards/1", "authorization", "Bearer ada").await.ok();
        page["card"]["title"].as_str().expect("a title").to_owned()
    };
    kept.titled("\"Emma\" \u{1F4D6} \\");
    assert_eq!(card(&kept).await, "Emma");
    kept.change(BOOK, Operation::Updated);
    until("the change is seen", async || {
        card(&kept).await == "\"Emma\" \u{1F4D6} \\"
    })
    .await;
}

#[tokio::test]
async fn a_page_that_the_client_has_costs_no_call() {
    let kept = Kept::start().await;
    let tag = kept.get(PATH).await.header("etag").to_owned();
    let before = kept.core.call_count();
    let again = kept
        .app
        .client
        .request(Method::GET, PATH)
        .header("if-none-match", &tag);
    let answer = kept.app.client.send(again).await;
    assert_eq!((answer.status, answer.header("etag")), (304, tag.as_str()));
    assert_eq!(kept.core.call_count(), before);
}

#[tokio::test]
async fn a_page_that_was_kept_says_all_that_it_said_when_it_was_made() {
    let kept = Kept::start_with(|settings| settings.rate_limit.per_address = 100).await;
    let made = kept.get("/books/2").await;
    let before = kept.core.call_count();
    let again = kept.get("/books/2").await;
    assert_eq!(kept.core.call_count(), before);
    assert_eq!(made.body, again.body);

    let of_the_request = ["x-request-id", "date", "ratelimit"];
    let shared = |answer: &Answer| {
        let mut fields = answer.headers.clone();
        let own = of_the_request.map(|name| fields.remove(name).expect("it is there"));
        (own, fields)
    };
    let ((_, made_fields), ([request_id, ..], again_fields)) = (shared(&made), shared(&again));
    assert_eq!(made_fields, again_fields);
    assert_ne!(made.header("x-request-id"), request_id);

    let named = kept.get_with("x-request-id", "mine").await;
    assert_eq!(named.header("x-request-id"), "mine");
    let left = |answer: &Answer| {
        let field = answer.header("ratelimit").split(['=', ';']).nth(2);
        field.and_then(|left| left.parse::<u32>().ok()).expect("a number")
    };
    assert_eq!(left(&named) + 2, left(&made));
}

#[tokio::test]
async fn a_page_that_was_kept_is_counted_like_any_other() {
    let kept = Kept::start().await;
    let tag = kept.get(PATH).await.header("etag").to_owned();
    let counted = async |status: u16| {
        let metrics = Client::of(kept.app.running.admin_address())
            .get("/metrics")
            .await
            .body;
        let line =
            format!("http_requests_total{{method=\"GET\",route=\"/books/{{id}}\",status=\"{status}\"}} ");
        let text = metrics.as_str().expect("text").to_owned();
        let count = text
            .lines()
            .find_map(|seen| seen.strip_prefix(&line)?.parse::<u32>().ok());
        count.unwrap_or_default()
    };
    let (whole, unchanged) = (counted(200).await, counted(304).await);
    kept.get(PATH).await;
    kept.get_with("if-none-match", &tag).await;
    assert_eq!(
        (counted(200).await, counted(304).await),
        (whole + 1, unchanged + 1)
    );
}

#[tokio::test]
async fn whoever_is_refused_gets_no_page_that_was_kept_either() {
    let few = Kept::start_with(|settings| {
        settings.rate_limit.per_address = 20;
        settings.rate_limit.window = Period::from(Duration::from_secs(3600));
    });
    let few = few.await;
    until("the quota is used up", async || few.get(PATH).await.status == 429).await;

    let new = Kept::start_with(|settings| {
        settings.client = Some(ClientSettings {
            minimum: Some("2.0.0".parse().expect("a version")),
            recommended: None,
            download_url: None,
        });
    });
    let refused = new.await.get_with("x-client-version", "1.9.9").await;
    assert_eq!(refused.problem(), (403, "CLIENT_UPGRADE_REQUIRED"));

    let large = "x".repeat(17 * 1024);
    assert_eq!(Kept::start().await.get_with("x-large", &large).await.status, 431);
}

#[tokio::test]
async fn a_route_that_is_to_go_away_says_so_each_time() {
    let kept = Kept::start_with(|settings| {
        settings.deprecated = vec![Deprecated {
            path: "/books/{id}".to_owned(),
            since: time::OffsetDateTime::UNIX_EPOCH,
            sunset: None,
            link: None,
        }];
    });
    let kept = kept.await;
    for _ in 0..2 {
        assert_eq!(kept.get(PATH).await.header("deprecation"), "@0");
    }
}

#[tokio::test]
async fn a_page_that_one_origin_may_read_is_not_said_to_be_for_another() {
    let cors = |_: &Settings| {
        let ours = "https://app.example".parse::<http::HeaderValue>().ok()?;
        Some(CorsLayer::new().allow_origin([ours]))
    };
    let kept = Kept::start_for(cors, |_| {}).await;
    for _ in 0..2 {
        for (origin, allowed) in [
            ("https://app.example", "https://app.example"),
            ("https://evil.example", ""),
        ] {
            let answer = kept.get_with("origin", origin).await;
            assert_eq!(
                (answer.status, answer.header("access-control-allow-origin")),
                (200, allowed)
            );
        }
    }
}

#[tokio::test]
async fn those_who_ask_at_once_wait_for_one_answer() {
    let kept = Kept::start().await;
    kept.core.on(GetBook, |_| {
        std::thread::park_timeout(Duration::from_millis(50));
        Ok(Book::default())
    });
    let before = kept.core.calls(GetBook).len();
    let many = (0..5).map(|_| kept.get("/books/3"));
    let answers = futures_util::future::join_all(many).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(kept.core.calls(GetBook).len() - before, 1);
}

#[tokio::test]
async fn while_the_core_is_away_it_shows_what_was_true_and_says_so() {
    let mut kept = Kept::start().await;
    kept.change(BOOK, Operation::Updated);
    kept.core.stop();
    until("the change is heard of", async || {
        kept.get(PATH).await.headers.contains_key("age")
    })
    .await;
    let answer = kept.get(PATH).await;
    assert_eq!(answer.header("cache-status"), "triptych; hit; detail=stale");
    let page = answer.ok();
    assert_eq!(
        (&page["title"], &page["meta"]["sections"]["book"]["state"]),
        (&"Emma".into(), &"stale".into())
    );

    let cold = kept.get("/books/2").await;
    assert_eq!(cold.problem(), (503, "UNAVAILABLE"));
}

#[tokio::test]
async fn a_write_that_fails_or_hangs_makes_none_be_refused() {
    let kept =
        Kept::start_with(|settings| settings.core.write_timeout = Period::from(Duration::from_millis(50)));
    let kept = kept.await;
    let rename = async || {
        let request = kept.app.client.request(Method::PUT, PATH);
        kept.app.client.send(request).await.status
    };
    kept.core.hangs(UpdateBook);
    assert_eq!(rename().await, 504);
    kept.core.refuses(UpdateBook, tonic::Status::unavailable("away"));
    assert_eq!(rename().await, 503);
    kept.core.gives(UpdateBook, Book::default());
    assert_eq!(rename().await, 204);
}

#[tokio::test]
async fn what_was_taken_away_is_not_shown_again() {
    let mut kept = Kept::start().await;
    kept.change(BOOK, Operation::Deleted);
    kept.core
        .refuses(GetBook, tonic::Status::not_found("no such book"));
    until("it is gone", async || kept.get(PATH).await.status == 404).await;

    kept.titled("Emma");
    kept.change(BOOK, Operation::Created);
    until("it is there again", async || kept.get(PATH).await.status == 200).await;
    kept.change(BOOK, Operation::Deleted);
    kept.core.forget();
    until("it is gone again", async || kept.get(PATH).await.status == 503).await;
}

#[tokio::test]
async fn nothing_is_shown_of_a_history_that_is_no_more() {
    let kept = Kept::start().await;
    kept.feed.says(Event::Resync(position(99, 0)));
    kept.core.refuses(GetBook, tonic::Status::unavailable("away"));
    until("it is forgotten", async || kept.get(PATH).await.status == 503).await;
}

#[tokio::test]
async fn a_gap_in_the_log_makes_it_begin_anew() {
    let mut kept = Kept::start().await;
    kept.titled("Persuasion");
    kept.seq += 1;
    kept.change(OTHER, Operation::Updated);
    // The change before may have touched the book.
    until("the book is asked for again", async || {
        kept.title().await == "Persuasion"
    })
    .await;
    let comes = kept.core.calls(Subscribe);
    assert_eq!(comes.last().expect("it comes again").message.after, None);
}

#[tokio::test]
async fn whoever_has_seen_more_is_not_shown_less() {
    let kept = Kept::start().await;
    for place in ["0000000000000000.5", "00000000000000ff.0"] {
        let before = kept.core.calls(GetBook).len();
        kept.get_with("change-position", place).await.ok();
        assert!(kept.core.calls(GetBook).len() > before, "{place}");
    }
}

#[tokio::test]
async fn nothing_kept_is_used_where_the_log_is_held_up() {
    let kept = Kept::start().await;
    let beat = || Event::Heartbeat(position(0, 0));
    // The core beats, but has not looked for long what else was written. The mutant: a beat that says nothing of that.
    until("what was known is too old", async || {
        kept.feed.says_of(beat(), 0, 60_000);
        kept.asks(PATH).await == 1
    })
    .await;
    kept.feed.says_of(beat(), 0, 0);
    until("it is used again", async || kept.asks(PATH).await == 0).await;
}

#[tokio::test]
async fn nothing_kept_is_used_before_all_has_been_heard_that_there_is() {
    let kept = Kept::start().await;
    let beat = || Event::Heartbeat(position(0, 0));
    until("what was known is too old", async || {
        // The log has come further than what has been heard of it.
        kept.feed.says_of(beat(), 5, 0);
        kept.asks(PATH).await == 1
    })
    .await;
    kept.feed.says(Event::Heartbeat(position(0, 5)));
    until("it is used again", async || kept.asks(PATH).await == 0).await;
}

#[tokio::test]
async fn a_write_says_where_it_stands_or_that_nobody_knows() {
    let kept = Kept::start().await;
    kept.core.gives(UpdateBook, Book::default());
    for (place, lasts) in [("0000000000000000.0", 60), ("unknown", 5)] {
        kept.core.places_writes(place);
        let written = kept.rename().await;
        assert_eq!(written.header("change-position"), place);
        let cookie = format!("seen={place}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts}");
        assert_eq!(written.header("set-cookie"), cookie);
    }
}

#[tokio::test]
async fn whoever_has_written_sees_it_elsewhere_though_nobody_knows_where_it_stands() {
    let kept = Kept::start().await;
    let replica = kept.replica().await;
    kept.core.gives(UpdateBook, Book::default());
    kept.core.places_writes("unknown");
    kept.titled("Persuasion");
    let unknown = kept.rename().await.header("change-position").to_owned();

    let page = async |name: &'static str, value: &str| {
        let request = replica.client.request(Method::GET, PATH).header(name, value);
        replica.client.send(request).await.ok()["title"].clone()
    };
    // The mutant: a word that means nothing to a gateway, which has not heard of the change.
    assert_eq!(page("change-position", "unheard-of").await, "Emma");
    assert_eq!(page("cookie", &format!("seen={unknown}")).await, "Persuasion");
    kept.titled("Sanditon");
    assert_eq!(page("change-position", &unknown).await, "Sanditon");
}

#[tokio::test]
async fn whoever_has_written_does_not_wait_for_what_was_asked_before() {
    let kept = Kept::start().await;
    kept.core.on(GetBook, |_| {
        std::thread::park_timeout(Duration::from_millis(50));
        Ok(Book::default())
    });
    let asks = async |said: &'static str| {
        let before = kept.core.calls(GetBook).len();
        let many = (0..5).map(|_| kept.get_with("change-position", said));
        let answers = futures_util::future::join_all(many).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        kept.core.calls(GetBook).len() - before
    };
    // The first of them asks; the others came later than that, and wait for the next one together.
    assert_eq!(asks("unknown").await, 2);
}

#[tokio::test]
async fn after_a_write_the_gateway_that_took_it_shows_nothing_older_to_anybody() {
    let mut kept = Kept::start().await;
    kept.core.gives(UpdateBook, Book::default());
    // It is in the log, but has not been heard of.
    kept.core.places_writes("0000000000000000.1");
    kept.rename().await;
    assert_eq!(kept.asks(PATH).await, 1);
    kept.change(OTHER, Operation::Updated);
    until("it is heard of", async || kept.asks(PATH).await == 0).await;

    kept.core.places_writes("unknown");
    kept.rename().await;
    assert_eq!(kept.asks(PATH).await, 1);
}

#[tokio::test]
async fn what_is_asked_for_in_somebodys_name_is_kept_for_nobody() {
    let kept = Kept::start().await;
    let ada = kept.app.client.bearing("ada-s-token");
    let before = kept.core.calls(GetBook).len();
    for _ in 0..2 {
        let answer = ada.get("/asks-as").await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    }
    assert_eq!(kept.core.calls(GetBook).len() - before, 2);
    assert_eq!(
        kept.core
            .calls(GetBook)
            .last()
            .expect("a call")
            .header("authorization"),
        "Bearer ada-s-token"
    );
}

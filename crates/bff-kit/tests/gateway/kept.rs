//! What a gateway keeps of the core's answers, and for how long.

mod pages;
mod written;

use std::time::Duration;

use bff_kit::{CrossOrigin, settings::GatewaySettings};
use proto::{
    books::v1::Book,
    changes::v1::{Change, Operation, Position, subscribe_response::Event},
};
use reqwest::Method;
use service_kit::settings::Period;
use test_kit::{
    client::Answer,
    fake_core::{FakeCore, FakeFeed, GetBook, Subscribe},
};

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
        Self::start_for(|_| CrossOrigin::default(), change).await
    }

    async fn start_for(
        cross_origin: fn(&Settings) -> CrossOrigin,
        change: impl FnOnce(&mut GatewaySettings),
    ) -> Self {
        let core = FakeCore::start();
        let feed = FakeFeed::greeting(Event::Resync(position(0, 0)));
        core.gives(Subscribe, feed.clone());
        core.depends_on(GetBook, &[BOOK]);
        let url = core.url();
        let app = start_for(cross_origin, |settings| {
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
async fn whoever_came_later_has_more_time_than_what_was_asked_before() {
    let patience = Duration::from_secs(1);
    let kept = Kept::start_with(|settings| settings.core.read_timeout = Period::from(patience)).await;
    kept.core.hangs(GetBook);
    let before = kept.core.calls(GetBook).len();
    let later = async {
        until("the first has asked", async || {
            kept.core.calls(GetBook).len() > before
        })
        .await;
        tokio::time::sleep(patience / 2).await;
        kept.titled("Emma");
        kept.get("/books/3").await.status
    };
    let (first, later) = tokio::join!(kept.get("/books/3"), later);
    assert_eq!((first.status, later), (504, 200));
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
async fn nothing_is_shown_that_has_seen_changes_which_never_were() {
    let kept = Kept::start().await;
    kept.titled("Persuasion");
    // An older backup of the same history, in which the numbers have been given again: by them nothing is missing.
    kept.feed.says(Event::Resync(position(0, 0)));
    // The core beats on: everything is known that was written since.
    let beats = || kept.feed.says(Event::Heartbeat(position(0, 0)));
    until("it is forgotten", async || {
        beats();
        kept.title().await == "Persuasion"
    })
    .await;
    // Pages, and the answers that they are made from.
    until("something is kept again", async || {
        beats();
        let before = kept.core.calls(GetBook).len();
        kept.ask("/cards/1", "authorization", "Bearer ada").await.ok();
        kept.get(PATH).await.ok();
        kept.core.calls(GetBook).len() == before
    })
    .await;
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

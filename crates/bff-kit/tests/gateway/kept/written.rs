//! Who has written something is shown nothing older, wherever they ask; and what is kept is used only while it is known what
//! was written.

use std::time::Duration;

use proto::{
    books::v1::Book,
    changes::v1::{Operation, subscribe_response::Event},
};
use reqwest::Method;
use service_kit::settings::Period;
use test_kit::fake_core::{GetBook, UpdateBook};

use super::{Kept, OTHER, PATH, position, until};

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
        std::thread::park_timeout(Duration::from_millis(300));
        Ok(Book::default())
    });
    let asks = async |said: &'static str| {
        let before = kept.core.calls(GetBook).len();
        let many = (0..5).map(|_| kept.get_with("change-position", said));
        let answers = futures_util::future::join_all(many).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        kept.core.calls(GetBook).len() - before
    };
    // The first of them asks; the others came later than that, and wait for the next one together, unless the machine is
    // so busy that some come later than that again.
    let asked = asks("unknown").await;
    assert!((2..5).contains(&asked), "{asked} of five asked");
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
async fn a_write_that_fails_or_hangs_makes_none_be_refused() {
    let kept =
        Kept::start_with(|settings| settings.core.write_timeout = Period::from(Duration::from_secs(1)));
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

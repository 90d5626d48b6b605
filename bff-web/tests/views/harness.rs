//! The gateway on a port of its own, a fake core behind it, and things for the core to answer with.

use std::collections::BTreeMap;

use bff_web::{GATEWAY, Settings};
use proto::{
    books::v1::Book,
    orders::v1::{Order, OrderItem, OrderState},
    posts::v1::{Comment, ListPostsResponse, Post},
    users::v1::{Account, CreateSessionResponse, Pass, Role, User},
};
use reqwest::Method;
use serde_json::Value;
use test_kit::{
    client::{Answer, Client},
    fake_core::{FakeCore, moment},
};
use tokio_util::sync::CancellationToken;

/// A gateway, and the core that it calls.
pub struct App {
    pub core: FakeCore,
    pub guest: Client,
    /// Bears the token `ada-s-token`.
    pub ada: Client,
    running: bff_kit::run::Running,
    stop: CancellationToken,
}

impl App {
    /// Where it is reached.
    pub fn address(&self) -> std::net::SocketAddr {
        self.running.address()
    }

    /// Tells it to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

pub async fn start() -> App {
    start_with(&[]).await
}

/// With one that does not wait for long for a core that hangs.
pub async fn start_impatient() -> App {
    start_with(&[("TRIPTYCH_CORE__READ_TIMEOUT", "1s")]).await
}

/// With settings that are not the defaults.
pub async fn start_with(more: &[(&str, &str)]) -> App {
    let core = FakeCore::start();
    let url = core.url();
    let environment = [
        ("TRIPTYCH_SERVER__LISTEN", "127.0.0.1:0"),
        ("TRIPTYCH_ADMIN__LISTEN", "127.0.0.1:0"),
        ("TRIPTYCH_CORE__URL", &url),
        // For a machine that does much else: nobody waits for as long but in vain.
        ("TRIPTYCH_SERVER__READ_DEADLINE", "20s"),
        ("TRIPTYCH_SERVER__WRITE_DEADLINE", "20s"),
        ("TRIPTYCH_CORE__READ_TIMEOUT", "10s"),
        ("TRIPTYCH_CORE__WRITE_TIMEOUT", "10s"),
    ];
    // Each once; the later one wins.
    let environment: BTreeMap<_, _> = environment.iter().chain(more).copied().collect();
    let environment: Vec<_> = environment.into_iter().collect();
    let settings = settings(&environment);
    let stop = CancellationToken::new();
    let running = GATEWAY.start(&settings, stop.clone()).await.expect("free ports");
    let guest = Client::of(running.address());
    App {
        core,
        ada: guest.bearing("ada-s-token"),
        guest,
        running,
        stop,
    }
}

pub fn settings<'a>(environment: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> Settings {
    let owned = environment
        .into_iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    GATEWAY.settings(None, owned).expect("the settings are well")
}

/// `PUT path` with a JSON body.
pub async fn put(client: &Client, path: &str, body: Value) -> Answer {
    client.send(client.request(Method::PUT, path).json(&body)).await
}

/// `POST path` with a JSON body, as a page of ours does it.
pub async fn post_meant(client: &Client, path: &str, body: Value) -> Answer {
    let request = client.request(Method::POST, path).header("x-csrf", "1");
    client.send(request.json(&body)).await
}

pub fn ada() -> User {
    User {
        id: 1,
        username: "ada".to_owned(),
        name: "Ada Lovelace".to_owned(),
        bio: Some("Wrote the first program.".to_owned()),
        image: Some("https://example.org/ada.png".to_owned()),
    }
}

pub fn account() -> Account {
    Account {
        user: Some(ada()),
        email: "ada@example.org".to_owned(),
        role: Role::Staff.into(),
    }
}

pub fn session() -> CreateSessionResponse {
    CreateSessionResponse {
        account: Some(account()),
        pass: Some(Pass {
            token: "new-token".to_owned(),
            token_expires_at: Some(moment(1_800_000_000)),
            refresh_token: String::new(),
            session_expires_at: Some(moment(1_800_000_000)),
        }),
        known_device: String::new(),
    }
}

/// A post with every field set, so that a field that leaks is seen.
pub fn post(id: i64) -> Post {
    Post {
        id,
        slug: format!("post-{id}"),
        title: format!("Post {id}"),
        description: "What it is about.".to_owned(),
        body: "The whole text.".to_owned(),
        tags: vec!["rust".to_owned(), "books".to_owned()],
        book_id: Some(7),
        like_count: 3,
        comment_count: 2,
        created_at: Some(moment(1_700_000_000)),
        updated_at: Some(moment(1_700_000_001)),
        author: Some(ada()),
        viewer: None,
    }
}

pub fn posts(posts: Vec<Post>) -> ListPostsResponse {
    ListPostsResponse {
        posts,
        next_page_token: "more".to_owned(),
        total_size: Some(42),
    }
}

/// A book with every field set.
pub fn book(id: i64) -> Book {
    Book {
        id,
        isbn13: Some("9780306406157".to_owned()),
        title: format!("Book {id}"),
        authors: vec!["First Author".to_owned(), "Second Author".to_owned()],
        published_year: Some(-380),
        language: Some("en".to_owned()),
        description: Some("What it is about.".to_owned()),
        cover_url: Some("https://example.org/cover.jpg".to_owned()),
        price_cents: 1299,
        currency: "EUR".to_owned(),
        stock: 4,
        rating_hundredths: 412,
        ratings_count: 9,
        created_at: Some(moment(1_700_000_000)),
        updated_at: Some(moment(1_700_000_001)),
    }
}

pub fn comment(id: i64, author: User) -> Comment {
    Comment {
        id,
        body: "Well said.".to_owned(),
        created_at: Some(moment(1_700_000_002)),
        updated_at: Some(moment(1_700_000_003)),
        author: Some(author),
    }
}

/// An order with every field set, so that a field that leaks is seen.
pub fn order(id: i64) -> Order {
    let item = |book_id, quantity| OrderItem {
        book_id,
        title: format!("Book {book_id}"),
        price_cents: 1299,
        quantity,
    };
    Order {
        id,
        state: OrderState::Shipped.into(),
        currency: "EUR".to_owned(),
        total_cents: 3897,
        copies: 3,
        items: vec![item(7, 2), item(8, 1)],
        buyer: Some(ada()),
        payment_reference: Some("a transfer".to_owned()),
        placed_at: Some(moment(1_700_000_000)),
        paid_at: Some(moment(1_700_000_100)),
        shipped_at: Some(moment(1_700_000_200)),
        delivered_at: None,
        cancelled_at: None,
    }
}

/// A key that a client gives a write.
pub const KEY: &str = "0192f0c1-7c1e-7e6b-9d8e-3a4b5c6d7e8f";

/// `POST path` with a JSON body and an idempotency key.
pub async fn post_with_key(client: &Client, path: &str, body: Value) -> Answer {
    let request = client.request(Method::POST, path);
    client
        .send(request.header("idempotency-key", KEY).json(&body))
        .await
}

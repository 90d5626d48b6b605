//! The gateway on a port of its own, a fake core behind it, and things for the core to answer with.

use std::collections::BTreeMap;

use bff_desktop::{GATEWAY, Settings};
use proto::{
    books::v1::Book,
    orders::v1::{Order, OrderItem, OrderState},
    posts::v1::{Comment, Moderation, Post, PostedComment},
    users::v1::{Account, Role, User},
};
use test_kit::{
    client::Client,
    fake_core::{FakeCore, GetAccount, moment},
};
use tokio_util::sync::CancellationToken;

/// A gateway, and the core that it calls.
pub struct App {
    pub core: FakeCore,
    pub guest: Client,
    /// Bears the token `ada-s-token`, which is one of the staff's.
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

/// With a core that knows whose token it is and nothing else.
pub async fn start() -> App {
    start_with([]).await
}

/// With one that does not wait for long for a core that hangs.
pub async fn start_impatient() -> App {
    start_with([
        ("TRIPTYCH_CORE__READ_TIMEOUT", "1s"),
        ("TRIPTYCH_CORE__WRITE_TIMEOUT", "1s"),
    ])
    .await
}

/// With these settings changed.
pub async fn start_with<const N: usize>(changes: [(&str, &str); N]) -> App {
    let core = FakeCore::start();
    core.gives(GetAccount, account(Role::Staff));
    let environment = [
        ("TRIPTYCH_SERVER__LISTEN", "127.0.0.1:0".to_owned()),
        ("TRIPTYCH_ADMIN__LISTEN", "127.0.0.1:0".to_owned()),
        ("TRIPTYCH_CORE__URL", core.url()),
        // For a machine that does much else: nobody waits for as long but in vain.
        ("TRIPTYCH_SERVER__READ_DEADLINE", "20s".to_owned()),
        ("TRIPTYCH_SERVER__WRITE_DEADLINE", "20s".to_owned()),
        ("TRIPTYCH_CORE__READ_TIMEOUT", "10s".to_owned()),
        ("TRIPTYCH_CORE__WRITE_TIMEOUT", "10s".to_owned()),
    ];
    let changes = changes.map(|(name, value)| (name, value.to_owned()));
    // Each once; the later one wins.
    let environment: BTreeMap<_, _> = environment.into_iter().chain(changes).collect();
    let environment = environment.into_iter();
    let settings = settings(environment.map(|(name, value)| (name.to_owned(), value)));
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

pub fn settings(environment: impl IntoIterator<Item = (String, String)>) -> Settings {
    GATEWAY
        .settings(None, environment)
        .expect("the settings are well")
}

pub fn ada() -> User {
    User {
        id: 1,
        username: "ada".to_owned(),
        name: "Ada Lovelace".to_owned(),
        bio: Some("Only for profiles.".to_owned()),
        image: Some("https://example.org/ada.png".to_owned()),
    }
}

pub fn account(role: Role) -> Account {
    Account {
        user: Some(ada()),
        email: "ada@example.org".to_owned(),
        role: role.into(),
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
        tags: vec!["rust".to_owned()],
        book_id: Some(7),
        like_count: 3,
        comment_count: 2,
        created_at: Some(moment(1_700_000_000)),
        updated_at: Some(moment(1_700_000_001)),
        author: Some(ada()),
        viewer: None,
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

/// A comment with every field set.
pub fn comment(id: i64) -> PostedComment {
    let comment = Comment {
        id,
        body: "Buy now!".to_owned(),
        created_at: Some(moment(1_700_000_002)),
        updated_at: Some(moment(1_700_000_003)),
        author: Some(ada()),
    };
    PostedComment {
        comment: Some(comment),
        post_slug: "post-1".to_owned(),
        post_title: "Post 1".to_owned(),
    }
}

/// A comment that was taken away.
pub fn moderation(id: i64) -> Moderation {
    Moderation {
        id,
        post_slug: "post-1".to_owned(),
        post_title: "Post 1".to_owned(),
        comment_id: Some(5),
        comment_body: Some("Buy now!".to_owned()),
        author: Some(ada()),
        moderator: Some(ada()),
        reason: "An advertisement".to_owned(),
        created_at: Some(moment(1_700_000_004)),
    }
}

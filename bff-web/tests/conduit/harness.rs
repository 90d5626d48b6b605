//! The gateway, a core and a database of their own for every test, and the people who use them.

use std::num::NonZeroU32;

use bff_web::GATEWAY;
use core_service::{database::Database, grpc, services::Services, settings::Settings};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_kit::{
    TestDatabase,
    client::{Answer, Client},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// What the gateway proves itself with.
const SECRET: &str = "what bff-web of these tests shows to the core";

/// A gateway with all that is behind it.
pub struct App {
    client: Client,
    stop: CancellationToken,
    _running: bff_kit::run::Running,
    _database: TestDatabase,
}

/// Somebody with a token, or nobody.
#[derive(Clone)]
pub struct Reader {
    pub username: String,
    pub token: Option<String>,
    client: Client,
}

impl App {
    pub async fn start() -> Self {
        let mut settings = Settings::load(None).expect("the core's settings are well");
        settings.password.memory_kib = 64;
        settings.password.iterations = 1;
        settings.session.secret = "what the core of these tests signs with".to_owned();
        settings.gateways.web.secret = SECRET.to_owned();
        settings.session.tries_per_address = NonZeroU32::MAX;
        let database = migrated().await;
        let db = Database::connect(database.url(), 8).await.expect("a database");
        let services = Services::new(&db, &settings).expect("services");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let core = format!("http://{}", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move { grpc::serve(listener, services, &settings, stopped).await });

        let environment = [
            ("TRIPTYCH_SERVER__LISTEN", "127.0.0.1:0"),
            ("TRIPTYCH_ADMIN__LISTEN", "127.0.0.1:0"),
            ("TRIPTYCH_SERVER__READ_DEADLINE", "20s"),
            ("TRIPTYCH_SERVER__WRITE_DEADLINE", "20s"),
            ("TRIPTYCH_CORE__READ_TIMEOUT", "10s"),
            ("TRIPTYCH_CORE__WRITE_TIMEOUT", "10s"),
            ("TRIPTYCH_CORE__URL", &core),
            ("TRIPTYCH_CORE__SECRET", SECRET),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = GATEWAY
            .settings(None, environment)
            .expect("the settings are well");
        let running = GATEWAY.start(&settings, stop.clone()).await.expect("free ports");
        Self {
            client: Client::of(running.address()),
            stop,
            _running: running,
            _database: database,
        }
    }

    pub fn guest(&self) -> Reader {
        Reader {
            username: String::new(),
            token: None,
            client: self.client.clone(),
        }
    }

    /// A client that sends nothing by itself.
    pub fn browser(&self) -> &Client {
        &self.client
    }

    /// Somebody who has just registered.
    pub async fn reader(&self, username: &str) -> Reader {
        let answer = self.register(username).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        Reader {
            username: username.to_owned(),
            token: Some(text(&answer.body["user"]["token"])),
            client: self.client.clone(),
        }
    }

    pub async fn register(&self, username: &str) -> Answer {
        let email = format!("{username}@example.com");
        let user = json!({"user": {"username": username, "email": email, "password": PASSWORD}});
        self.guest().post("/api/users", user).await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        let user = json!({"user": {"email": email, "password": password}});
        self.guest().post("/api/users/login", user).await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Reader {
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    /// As front ends do it: with the type of a body, and without one.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.ask(Method::POST, path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self
            .client
            .request(method, path)
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Token {token}"));
        }
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        self.client.send(request).await
    }

    /// The article that this person has just written.
    pub async fn writes(&self, title: &str, tags: &[&str]) -> Value {
        let article = json!({"article": {
            "title": title, "description": "About it.", "body": "The text.", "tagList": tags,
        }});
        let answer = self.post("/api/articles", article).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["article"].clone()
    }

    pub async fn comments(&self, slug: &str, body: &str) -> Value {
        let comment = json!({"comment": {"body": body}});
        let answer = self
            .post(&format!("/api/articles/{slug}/comments"), comment)
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["comment"].clone()
    }

    pub async fn follows(&self, other: &Reader) {
        let path = format!("/api/profiles/{}/follow", other.username);
        self.post_nothing(&path).await.ok();
    }

    pub async fn article(&self, slug: &str) -> Value {
        self.get(&format!("/api/articles/{slug}")).await.ok()["article"].clone()
    }

    /// The titles and the count of a list.
    pub async fn titles(&self, path: &str) -> (Vec<String>, i64) {
        let list = self.get(path).await.ok();
        let articles = list["articles"].as_array().expect("a list");
        let titles = articles.iter().map(|article| text(&article["title"])).collect();
        (titles, list["articlesCount"].as_i64().expect("a count"))
    }
}

/// A text of an answer.
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is a text"))
        .to_owned()
}

pub fn slug(article: &Value) -> String {
    text(&article["slug"])
}

/// Status and errors of a refusal.
pub fn refusal(answer: Answer) -> (u16, Value) {
    (answer.status, answer.body["errors"].clone())
}

async fn migrated() -> TestDatabase {
    let checksums: Vec<u8> = migrations::ALL
        .iter()
        .flat_map(|one| one.checksum().into_bytes())
        .collect();
    let digest = Sha256::digest(checksums);
    let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    TestDatabase::copy_of(&key, async |url| Ok(migrations::up(url).await?)).await
}

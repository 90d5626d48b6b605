//! A core of its own for every test, and the people who use it.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use core_service::database::Database;
use core_service::grpc;
use core_service::models::session::Client;
use core_service::services::caller::Role;
use core_service::services::{Services, accounts};
use core_service::settings::Settings;
use core_service::validators::users::{NewAccount, Password, RawAccount};
use proto::books::v1::book_service_client::BookServiceClient;
use proto::books::v1::{Book, CreateBookRequest};
use proto::changes::v1::change_service_client::ChangeServiceClient;
use proto::orders::v1::order_service_client::OrderServiceClient;
use proto::orders::v1::{Order, PlaceOrderRequest, WantedItem};
use proto::posts::v1::moderation_service_client::ModerationServiceClient;
use proto::posts::v1::post_service_client::PostServiceClient;
use proto::posts::v1::{CreatePostRequest, GetPostRequest, Post, get_post_request};
use proto::users::v1::CreateSessionRequest;
use proto::users::v1::session_service_client::SessionServiceClient;
use proto::users::v1::user_service_client::UserServiceClient;
use sea_orm::Statement;
use sha2::{Digest, Sha256};
use test_kit::TestDatabase;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;

/// What the core of these tests signs with.
pub const SESSION_SECRET: &str = "what the core of these tests signs with";

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// A running core.
pub struct App {
    pub db: Database,
    pub services: Services,
    pub channel: Channel,
    pub address: SocketAddr,
    statements: Arc<Mutex<Vec<Statement>>>,
    stop: CancellationToken,
    pub database: Arc<TestDatabase>,
}

/// The way to the core. Calls that do not say through which gateway they come, come through the web's.
pub type Wire = InterceptedService<Channel, fn(Request<()>) -> Result<Request<()>, Status>>;

pub fn through_the_web(mut request: Request<()>) -> Result<Request<()>, Status> {
    let metadata = request.metadata_mut();
    if metadata.get(SECRET).is_none() {
        metadata.insert(SECRET, secret_of(Client::Web).parse().unwrap());
    }
    Ok(request)
}

/// The metadata with a gateway's secret.
const SECRET: &str = "x-gateway-secret";

/// What each gateway proves itself with.
pub fn secret_of(gateway: Client) -> &'static str {
    match gateway {
        Client::Web => "what bff-web of these tests shows to the core",
        Client::Mobile => "what bff-mobile of these tests shows to the core",
        Client::Desktop => "what bff-desktop of these tests shows to the core",
    }
}

/// Somebody who is signed in, or nobody, and the gateway that they use.
#[derive(Clone)]
pub struct Actor {
    pub through: Client,
    pub id: i64,
    pub username: String,
    pub email: String,
    pub token: Option<String>,
}

impl App {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A core with other settings than usual.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(Arc::new(migrated().await), change).await
    }

    /// Another core on the same database.
    pub async fn beside(&self, change: impl FnOnce(&mut Settings)) -> Self {
        Self::on(self.database.clone(), change).await
    }

    async fn on(database: Arc<TestDatabase>, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::load(None).unwrap();
        settings.password.memory_kib = 64;
        settings.password.iterations = 1;
        settings.session.secret = SESSION_SECRET.to_owned();
        settings.session.tries_per_account = NonZeroU32::MAX;
        settings.gateways.web.secret = secret_of(Client::Web).to_owned();
        settings.gateways.mobile.secret = secret_of(Client::Mobile).to_owned();
        settings.gateways.desktop.secret = secret_of(Client::Desktop).to_owned();
        change(&mut settings);
        let _ = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_test_writer()
            .try_init();
        let mut db = Database::connect(database.url(), 8).await.unwrap();
        let statements = Arc::<Mutex<Vec<Statement>>>::default();
        let seen = statements.clone();
        db.observe_statements(move |statement| seen.lock().unwrap().push(statement.clone()));

        let services = Services::new(&db, &settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let (served, stopped) = (services.clone(), stop.clone());
        tokio::spawn(async move { grpc::serve(listener, served, &settings, stopped).await.unwrap() });
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect_lazy();
        Self {
            db,
            services,
            channel,
            address,
            statements,
            stop,
            database,
        }
    }

    pub fn is_postgres(&self) -> bool {
        self.database.is_postgres()
    }

    pub fn users(&self) -> UserServiceClient<Wire> {
        UserServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    pub fn sessions(&self) -> SessionServiceClient<Wire> {
        SessionServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    pub fn posts(&self) -> PostServiceClient<Wire> {
        PostServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    pub fn moderation(&self) -> ModerationServiceClient<Wire> {
        ModerationServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    pub fn books(&self) -> BookServiceClient<Wire> {
        BookServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    pub fn changes(&self) -> ChangeServiceClient<Wire> {
        ChangeServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    pub fn orders(&self) -> OrderServiceClient<Wire> {
        OrderServiceClient::with_interceptor(self.channel.clone(), through_the_web as _)
    }

    /// A reader who is signed in.
    pub async fn reader(&self, username: &str) -> Actor {
        self.actor(username, Role::Reader).await
    }

    /// A member of the staff who is signed in.
    pub async fn staff(&self, username: &str) -> Actor {
        self.actor(username, Role::Staff).await
    }

    async fn actor(&self, username: &str, role: Role) -> Actor {
        let email = format!("{username}@example.com");
        let raw = RawAccount {
            username: username.to_owned(),
            email: email.clone(),
            password: Password(PASSWORD.to_owned()),
            ..RawAccount::default()
        };
        let account = NewAccount::parse(raw).unwrap();
        let hash = self.services.passwords.hash(&account.password).await.unwrap();
        let account = self
            .db
            .write(move |tx| async move { accounts::register(&tx, account, hash, role).await });
        let account = account.await.unwrap();
        let through = match role {
            Role::Reader => Client::Web,
            Role::Staff | Role::Admin => Client::Desktop,
        };
        let token = self.sign_in_through(through, &email, PASSWORD).await.unwrap();
        Actor {
            through,
            id: account.id,
            username: username.to_owned(),
            email,
            token: Some(token),
        }
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Result<String, Status> {
        self.sign_in_through(Client::Web, email, password).await
    }

    pub async fn sign_in_through(
        &self,
        gateway: Client,
        email: &str,
        password: &str,
    ) -> Result<String, Status> {
        let request = CreateSessionRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            device: "a test".to_owned(),
            known_device: String::new(),
        };
        let guest = Actor::guest_of(gateway);
        let begun = self.sessions().create_session(guest.asks(request)).await?;
        Ok(begun.into_inner().pass.unwrap().token)
    }

    /// A post by somebody, tagged as given.
    pub async fn post(&self, by: &Actor, title: &str, tags: &[&str]) -> Post {
        let post = CreatePostRequest {
            tags: tags.iter().map(ToString::to_string).collect(),
            ..a_post(title)
        };
        self.posts()
            .create_post(by.asks(post))
            .await
            .unwrap()
            .into_inner()
    }

    /// A post as the core has it now.
    pub async fn read(&self, slug: &str) -> Post {
        let request = Actor::guest().asks(by_slug(slug));
        self.posts().get_post(request).await.unwrap().into_inner()
    }

    /// A book that staff adds.
    pub async fn book(&self, by: &Actor, title: &str, author: &str) -> Book {
        self.books()
            .create_book(by.asks(a_book(title, author)))
            .await
            .unwrap()
            .into_inner()
    }

    /// An order by somebody, of pairs of a book and how many copies.
    pub async fn order(&self, by: &Actor, items: &[(i64, i32)]) -> Order {
        let placed = self.orders().place_order(by.asks(an_order(items))).await;
        placed.unwrap().into_inner()
    }

    /// The statements that `call` runs.
    pub async fn statements<T>(
        &self,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Vec<Statement> {
        self.statements.lock().unwrap().clear();
        call.await.unwrap();
        std::mem::take(&mut *self.statements.lock().unwrap())
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Actor {
    /// Nobody in particular, on the web.
    pub fn guest() -> Self {
        Self::guest_of(Client::Web)
    }

    /// Nobody in particular, through this gateway.
    pub fn guest_of(gateway: Client) -> Self {
        Self {
            through: gateway,
            id: 0,
            username: String::new(),
            email: String::new(),
            token: None,
        }
    }

    /// A request in this person's name.
    pub fn asks<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let secret = secret_of(self.through).parse().unwrap();
        request.metadata_mut().insert(SECRET, secret);
        if let Some(token) = &self.token {
            request
                .metadata_mut()
                .insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }
}

pub fn a_post(title: &str) -> CreatePostRequest {
    CreatePostRequest {
        title: title.to_owned(),
        description: format!("About {title}"),
        body: format!("The text of {title}."),
        tags: Vec::new(),
        book_id: None,
    }
}

pub fn a_book(title: &str, author: &str) -> CreateBookRequest {
    CreateBookRequest {
        title: title.to_owned(),
        authors: vec![author.to_owned()],
        price_cents: 1_250,
        currency: "EUR".to_owned(),
        stock: 3,
        ..CreateBookRequest::default()
    }
}

/// Pairs of a book and how many copies, to be ordered.
pub fn an_order(items: &[(i64, i32)]) -> PlaceOrderRequest {
    let items = items
        .iter()
        .map(|&(book_id, quantity)| WantedItem { book_id, quantity });
    PlaceOrderRequest {
        items: items.collect(),
    }
}

pub fn by_slug(slug: &str) -> GetPostRequest {
    GetPostRequest {
        key: Some(get_post_request::Key::Slug(slug.to_owned())),
        read_mask: None,
    }
}

pub fn mask(paths: &[&'static str]) -> Option<proto::FieldMask> {
    Some(proto::FieldMask::of(paths))
}

/// What a refusal says, in short: its code, its reason and what it is about.
pub fn refusal<T>(answer: Result<Response<T>, Status>) -> (Code, String, Vec<(String, String)>) {
    let status = answer.err().expect("the call is refused");
    let details = status.get_error_details();
    let reason = details
        .error_info()
        .map(|info| info.reason.clone())
        .unwrap_or_default();
    let fields = details
        .bad_request()
        .into_iter()
        .flat_map(|request| request.field_violations.clone());
    let things = details
        .resource_info()
        .into_iter()
        .map(|thing| (thing.resource_type.clone(), String::new()));
    let about = fields
        .map(|violation| (violation.field, violation.description))
        .chain(things)
        .collect();
    (status.code(), reason, about)
}

/// A database with the newest schema.
pub async fn migrated() -> TestDatabase {
    let checksums: Vec<u8> = migrations::ALL
        .iter()
        .flat_map(|one| one.checksum().into_bytes())
        .collect();
    let key: String = Sha256::digest(checksums)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    TestDatabase::copy_of(&key, async |url| Ok(migrations::up(url).await?)).await
}

/// Looks again and again until what is looked for is there.
pub async fn eventually(what: &str, is_there: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_there().await {
        assert!(Instant::now() < deadline, "{what} has not come about");
        tokio::task::yield_now().await;
    }
}

//! A gateway with a handful of routes, started in the test's own process.

use std::time::Duration;

use bff_kit::{
    ApiResult, Body, CoreChannel, CrossOrigin, Gateway, GatewaySettings, Manners, Path, Query, Rendered,
    Sections, Timestamp, View, Viewer,
    openapi::About,
    page::{Cursor, First},
    run::Running,
};
use proto::books::v1::{GetBookRequest, UpdateBookRequest};
use serde::{Deserialize, Serialize};
use service_kit::settings::Period;
use test_kit::client::Client;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Times are for a machine that does much else; a test of one of them says which.
const SETTINGS: &str = r#"
    deprecated = []
    [server]
    listen = "127.0.0.1:0"
    read_deadline = "20s"
    write_deadline = "20s"
    stall = "30s"
    connection_age = "5m"
    max_body_bytes = 1024
    max_connections = 100
    max_connections_per_ip = 5
    trusted_proxies = 0
    https = false
    linger = "0ms"
    drain = "400ms"
    [admin]
    listen = "127.0.0.1:0"
    [log]
    level = "info"
    format = "text"
    [core]
    url = "http://127.0.0.1:1"
    secret = ""
    tls = { ca = "", certificate = "", key = "", core_name = "" }
    read_timeout = "10s"
    write_timeout = "10s"
    [cache]
    max_bytes = 1048576
    [rate_limit]
    per_session = 0
    per_address = 0
    window = "1m"
    [client]
    minimum = ""
    recommended = ""
    download_url = ""
"#;

const MANNERS: Manners = Manners {
    session_cookies: &["sid"],
    open_to_old_clients: &["/mine"],
    ..Manners::PLAIN
};

#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    #[serde(flatten)]
    pub gateway: GatewaySettings,
}

impl AsRef<GatewaySettings> for Settings {
    fn as_ref(&self) -> &GatewaySettings {
        &self.gateway
    }
}

/// A running gateway, and the way to stop it.
pub struct App {
    pub running: Running,
    pub stop: CancellationToken,
    pub client: Client,
}

pub async fn start() -> App {
    start_with(|_| {}).await
}

pub async fn start_with(change: impl FnOnce(&mut GatewaySettings)) -> App {
    try_start(change).await.expect("a free port")
}

pub async fn try_start(change: impl FnOnce(&mut GatewaySettings)) -> anyhow::Result<App> {
    start_for(|_| CrossOrigin::default(), change).await
}

/// The same, where pages of some other origins may do something.
pub async fn start_for(
    cross_origin: fn(&Settings) -> CrossOrigin,
    change: impl FnOnce(&mut GatewaySettings),
) -> anyhow::Result<App> {
    let about = About {
        title: "test-gateway",
        version: "1",
        description: "A gateway for tests.",
        tags: &[],
        examples: "{}",
    };
    let gateway = Gateway {
        about,
        settings: SETTINGS,
        manners: MANNERS,
        routes: router,
        cross_origin,
        pages: |_| Ok(None),
    };
    let mut settings: Settings = gateway.settings(None, []).expect("the settings are well");
    change(&mut settings.gateway);
    let stop = CancellationToken::new();
    let running = gateway.start(&settings, stop.clone()).await?;
    let client = Client::of(running.address());
    Ok(App {
        running,
        stop,
        client,
    })
}

/// A time-out in a test's settings.
pub fn millis(count: u64) -> Period {
    Period::from(Duration::from_millis(count))
}

fn router(_: &Settings, core: CoreChannel) -> anyhow::Result<OpenApiRouter> {
    let routes = OpenApiRouter::new()
        .routes(routes!(add))
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(slow))
        .routes(routes!(panics))
        .routes(routes!(mine))
        .routes(routes!(through))
        .routes(routes!(book, rename))
        .routes(routes!(card))
        .routes(routes!(asks_as))
        .routes(routes!(long))
        .routes(routes!(streamed))
        .routes(routes!(cookie))
        .routes(routes!(tagged));
    Ok(routes.with_state(core))
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Thing {
    #[schema(min_length = 1, max_length = 5)]
    title: String,
    year: Option<i32>,
    price_cents: i64,
    parts: Vec<Part>,
    maker: Option<Maker>,
    #[serde(default)]
    #[schema(value_type = Kind, default = "plain")]
    kind: Kind,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    name: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Maker {
    name: String,
}

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Plain,
    Fancy,
}

/// Add a thing.
#[utoipa::path(post, path = "/things", request_body = Thing, responses((status = 200, description = "It", body = Thing)))]
async fn add(Body(thing): Body<Thing>) -> axum::Json<Thing> {
    axum::Json(thing)
}

#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    #[param(inline)]
    first: Option<First>,
    #[param(inline)]
    after: Option<Cursor>,
    tag: Option<String>,
    sold: Option<bool>,
}

/// List things.
#[utoipa::path(get, path = "/things", params(Wanted), responses((status = 200, description = "Them", body = Vec<String>)))]
async fn list(Query(wanted): Query<Wanted>) -> axum::Json<(i32, String, Option<String>, Option<bool>)> {
    axum::Json((
        First::or(wanted.first, 20),
        Cursor::or_start(wanted.after),
        wanted.tag,
        wanted.sold,
    ))
}

/// One thing.
#[utoipa::path(get, path = "/things/{id}", params(("id" = i64, Path)), responses((status = 200, description = "Its number and now", body = (i64, Timestamp))))]
async fn one(Path(id): Path<i64>) -> axum::Json<(i64, Timestamp)> {
    axum::Json((id, Timestamp::from(OffsetDateTime::UNIX_EPOCH)))
}

/// Never answers.
#[utoipa::path(get, path = "/slow", responses((status = 200, description = "Never")))]
async fn slow() {
    std::future::pending().await
}

/// Panics.
#[utoipa::path(get, path = "/panics", responses((status = 200, description = "Never")))]
async fn panics() {
    panic!("a secret");
}

/// Who is signed in.
#[utoipa::path(get, path = "/mine", security(("token" = [])), responses((status = 200, description = "The token", body = String)))]
async fn mine(viewer: Viewer) -> String {
    viewer.token().to_owned()
}

/// Asks the core for a book.
#[utoipa::path(get, path = "/through", responses((status = 200, description = "It is there")))]
async fn through(axum::extract::State(core): axum::extract::State<CoreChannel>) -> ApiResult<()> {
    core.read(GetBookRequest::default()).await?;
    Ok(())
}

#[derive(Serialize, ToSchema)]
struct BookPage {
    title: String,
}

/// The page of a book.
#[utoipa::path(get, path = "/books/{id}", params(("id" = i64, Path)), responses((status = 200, description = "It", body = View<BookPage>)))]
async fn book(
    axum::extract::State(core): axum::extract::State<CoreChannel>,
    Path(id): Path<i64>,
) -> ApiResult<View<BookPage>> {
    let mut sections = Sections::new();
    let book = core.read(GetBookRequest { id, read_mask: None }).await;
    let title = sections.required("book", book)?.title;
    Ok(View::new(BookPage { title }, sections))
}

#[derive(Serialize, ToSchema)]
struct CardPage {
    #[schema(value_type = BookPage)]
    card: Rendered<BookPage>,
}

/// A part of a screen that is the same for everybody, made once.
#[utoipa::path(get, path = "/cards/{id}", params(("id" = i64, Path)), responses((status = 200, description = "It", body = View<CardPage>)))]
async fn card(
    axum::extract::State(core): axum::extract::State<CoreChannel>,
    Path(id): Path<i64>,
) -> ApiResult<View<CardPage>> {
    let mut sections = Sections::new();
    let card = core.prepare(GetBookRequest { id, read_mask: None }, |book| {
        Rendered::of(&BookPage { title: book.title })
    });
    let card = sections.required("card", card.await)?;
    Ok(View::new(CardPage { card }, sections))
}

/// Gives a book another title.
#[utoipa::path(put, path = "/books/{id}", params(("id" = i64, Path)), responses((status = 204, description = "It has it")))]
async fn rename(
    axum::extract::State(core): axum::extract::State<CoreChannel>,
    Path(id): Path<i64>,
) -> ApiResult<http::StatusCode> {
    let request = UpdateBookRequest {
        id,
        ..UpdateBookRequest::default()
    };
    core.write(request).await?;
    Ok(http::StatusCode::NO_CONTENT)
}

/// Asks the core for a book, as somebody.
#[utoipa::path(get, path = "/asks-as", security(("token" = [])), responses((status = 200, description = "It is there")))]
async fn asks_as(
    axum::extract::State(core): axum::extract::State<CoreChannel>,
    viewer: Viewer,
) -> ApiResult<()> {
    core.read_as(&viewer, GetBookRequest::default()).await?;
    Ok(())
}

/// A long text.
#[utoipa::path(get, path = "/long", responses((status = 200, description = "It", body = String)))]
async fn long() -> axum::Json<String> {
    axum::Json("All work and no play. ".repeat(200))
}

/// A text that comes in pieces.
#[utoipa::path(get, path = "/streamed", responses((status = 200, description = "It", body = String)))]
async fn streamed() -> axum::body::Body {
    let pieces = ["one", "two"].map(Ok::<_, std::io::Error>);
    axum::body::Body::from_stream(tokio_stream::iter(pieces))
}

/// Sets a cookie.
#[utoipa::path(get, path = "/cookie", responses((status = 200, description = "It is set")))]
async fn cookie() -> [(&'static str, &'static str); 2] {
    [("set-cookie", "a=b"), ("cache-control", "public, max-age=60")]
}

/// Knows its own tag and how long it may be kept.
#[utoipa::path(get, path = "/tagged", responses((status = 200, description = "It", body = String)))]
async fn tagged() -> ([(&'static str, &'static str); 2], String) {
    let fields = [("etag", "\"mine\""), ("cache-control", "public, max-age=60")];
    (fields, "x".repeat(5000))
}

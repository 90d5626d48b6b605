//! A gateway as a program: its commands, its settings, its ports and its end.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use axum::Router;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde::de::DeserializeOwned;
use service_kit::{
    admin::{self, AdminPort},
    health::{self, Health},
    runtime, settings, shutdown, telemetry,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    core::{self, CoreChannel},
    edge::{CallContext, CrossOrigin, Edge, Pages, RateLimits},
    error::ApiError,
    events::Hub,
    manners::Manners,
    openapi::{self, About, Facts},
    server,
    settings::{Deprecated, GatewaySettings},
};

/// A gateway: what is its own of the program that [`run`] makes of it.
#[derive(Clone, Copy, Debug)]
pub struct Gateway<S> {
    /// What its documentation and its `--help` say of it.
    pub about: About,
    /// The text of its settings file, which holds the defaults and their documentation.
    pub settings: &'static str,
    /// What the edge has to know about its clients.
    pub manners: Manners,
    /// Its routes, with their state; or what of the settings keeps it from having them.
    pub routes: fn(&S, CoreChannel) -> anyhow::Result<OpenApiRouter>,
    /// What pages of other origins may do.
    pub cross_origin: fn(&S) -> CrossOrigin,
    /// What answers on every other path; nothing where there is no such path.
    pub pages: fn(&S) -> anyhow::Result<Option<Router>>,
}

#[derive(Parser)]
struct Cli {
    /// A settings file; what it does not have keeps its default.
    #[arg(long, value_name = "FILE", global = true)]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve clients until SIGINT or SIGTERM; what happens where no command is given.
    Serve,
    /// Ask the gateway that runs with these settings whether it is ready.
    Health,
    /// Print the OpenAPI document.
    Openapi,
}

/// Runs the gateway's program with the arguments of this process.
pub fn run<S>(gateway: Gateway<S>) -> anyhow::Result<()>
where
    S: DeserializeOwned + AsRef<GatewaySettings>,
{
    runtime::new()?.block_on(obey(gateway))
}

/// Does what the arguments say.
async fn obey<S>(gateway: Gateway<S>) -> anyhow::Result<()>
where
    S: DeserializeOwned + AsRef<GatewaySettings>,
{
    let About {
        title,
        version,
        description,
        ..
    } = gateway.about;
    let command = Cli::command().name(title).version(version).about(description);
    let cli = Cli::from_arg_matches(&command.get_matches())?;
    let settings = gateway.settings(cli.settings.as_deref(), settings::environment())?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(&gateway, &settings).await,
        Command::Health => Ok(health::ask(settings.as_ref().admin.listen).await?),
        Command::Openapi => {
            let document = gateway.document(&settings)?;
            Ok(std::io::stdout().write_all(document.as_bytes())?)
        }
    }
}

async fn serve<S: AsRef<GatewaySettings>>(gateway: &Gateway<S>, settings: &S) -> anyhow::Result<()> {
    telemetry::init(&settings.as_ref().log, CallContext::describe)?;
    let stop = shutdown::on_signals()?;
    let running = gateway.start(settings, stop).await?;
    running.ended().await;
    tracing::info!("stopped");
    Ok(())
}

impl<S> Gateway<S> {
    /// Its settings: the defaults, changed by `file` and then by `environment`.
    pub fn settings(
        &self,
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<S, settings::SettingsError>
    where
        S: DeserializeOwned,
    {
        settings::load(self.settings, file, environment)
    }

    /// Its OpenAPI document, as it is committed. Has to be called inside a runtime.
    pub fn document(&self, settings: &S) -> anyhow::Result<String>
    where
        S: AsRef<GatewaySettings>,
    {
        let gateway = settings.as_ref();
        let core = CoreChannel::connect_lazy(&gateway.core, &gateway.cache).context("core.url")?;
        let facts = self.facts(settings.as_ref());
        let (_, document, missing) = openapi::split(&facts, (self.routes)(settings, core)?);
        anyhow::ensure!(
            missing.is_empty(),
            "{} has no example for: {}. Write them into its examples.json, as `Shape.field` or `field`.",
            self.about.title,
            missing.join(", ")
        );
        Ok(document.to_pretty_json()? + "\n")
    }

    fn facts(&self, settings: &GatewaySettings) -> Facts {
        Facts {
            about: self.about,
            manners: self.manners,
            asks_version: settings.client.is_some(),
        }
    }

    /// Opens its ports and serves until `stop` is cancelled.
    pub async fn start(&self, settings: &S, stop: CancellationToken) -> anyhow::Result<Running>
    where
        S: AsRef<GatewaySettings>,
    {
        let gateway = settings.as_ref();
        let GatewaySettings {
            server,
            admin,
            core,
            cache,
            ..
        } = gateway;
        let health = Health::new();
        let admin = admin::open(admin, health.clone()).await?;
        let core = CoreChannel::connect_lazy(core, cache).context("core.url")?;
        let listener = TcpListener::bind(server.listen)
            .await
            .with_context(|| format!("server.listen = {} is not to be had", server.listen))?;
        let address = listener.local_addr()?;

        let routes = (self.routes)(settings, core.clone())?;
        let (routes, document, _) = openapi::split(&self.facts(gateway), routes);
        known_routes(&gateway.deprecated, &document)?;
        let routes = openapi::serve(routes, document);
        let routes = match (self.pages)(settings)? {
            Some(pages) => routes.merge(pages),
            None => routes.fallback(async || ApiError::UnknownRoute),
        };
        let limits = RateLimits::new(gateway, self.manners.session_cookies);
        let close = CancellationToken::new();
        let hub = Hub::new(gateway.live.unwrap_or_default(), limits.clone(), close.clone());
        let cross_origin = (self.cross_origin)(settings);
        let pages = Pages::new(
            cache.max_bytes / 2,
            core.changes().clone(),
            self.manners.session_cookies,
            cross_origin.readers.is_some(),
        );
        let edge = Edge::around(
            routes,
            gateway,
            self.manners,
            cross_origin,
            limits.clone(),
            pages,
            hub.clone(),
        );
        let mut tasks = JoinSet::new();
        tasks.spawn(core::follow(core.clone()));
        tasks.spawn(core::watch(core, health.check("core")));
        tasks.spawn(limits.sweep());
        tasks.spawn(leave(stop, server.linger.get(), health, close.clone()));
        let settings = server.clone();
        let served = tokio::spawn(async move {
            server::serve(listener, edge, &settings, close).await;
            let _ = tokio::time::timeout(settings.drain.get(), hub.ended()).await;
        });
        tracing::info!(%address, admin = %admin.address(), "{} is listening", self.about.title);
        Ok(Running {
            address,
            admin,
            served,
            _tasks: tasks,
        })
    }
}

/// Says that it is not ready once it is told to stop, and closes only after load balancers have had the time
/// to notice.
async fn leave(stop: CancellationToken, linger: Duration, health: Health, close: CancellationToken) {
    let serving = health.check("serving");
    serving.pass();
    stop.cancelled().await;
    serving.fail("stopping");
    tokio::time::sleep(linger).await;
    close.cancel();
}

/// A notice about a route that there is not would never be seen by anybody.
fn known_routes(deprecated: &[Deprecated], document: &OpenApi) -> anyhow::Result<()> {
    let unknown = deprecated
        .iter()
        .find(|one| !document.paths.paths.contains_key(&one.path));
    match unknown {
        Some(Deprecated { path, .. }) => {
            anyhow::bail!("deprecated: there is no route {path}; write it as it is in /openapi.json")
        }
        None => Ok(()),
    }
}

/// A gateway that serves; the admin port closes when this is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    admin: AdminPort,
    served: tokio::task::JoinHandle<()>,
    _tasks: JoinSet<()>,
}

impl Running {
    /// Where clients find it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where operators find it.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.address()
    }

    /// Waits until it has been stopped and the open requests have ended.
    pub async fn ended(self) {
        if let Err(error) = self.served.await {
            tracing::error!(%error, "the server broke");
        }
    }
}

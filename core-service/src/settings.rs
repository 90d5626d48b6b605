//! The settings of the core; `settings.toml` documents each of them.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use service_kit::settings::{self, AdminSettings, LogSettings, Period, SettingsError};

/// All settings.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// The server that the gateways call.
    pub grpc: GrpcSettings,
    /// The gateways that may call.
    pub gateways: GatewaysSettings,
    /// Health and metrics.
    pub admin: AdminSettings,
    /// What is logged.
    pub log: LogSettings,
    /// Where the data is.
    pub database: DatabaseSettings,
    /// Signing in.
    pub session: SessionSettings,
    /// Signing in with an OpenID provider.
    pub oidc: OidcSettings,
    /// What a password's hash costs.
    pub password: PasswordSettings,
    /// Calls that have their effect once.
    pub idempotency: IdempotencySettings,
    /// The counters of posts.
    pub counts: CountSettings,
    /// The log of changes.
    pub changes: ChangeSettings,
    /// Files that go through the gateways.
    pub transfers: TransferSettings,
}

/// The server that the gateways call.
#[derive(Clone, Debug, Deserialize)]
pub struct GrpcSettings {
    /// Address and port; port 0 takes a free one.
    pub listen: std::net::SocketAddr,
    /// How long one call may take.
    pub timeout: Period,
    /// How many calls one connection may have in flight.
    pub calls_per_connection: u32,
    /// How many calls that came in batches may be in flight in all.
    pub calls_in_batches: u32,
    /// How many streams one connection may have open beside its calls.
    pub streams_per_connection: u32,
    /// How long calls may go on once the process is told to stop.
    pub drain: Period,
    /// Whether the descriptors of the contract are served.
    pub reflection: bool,
    /// What it takes to serve gateways over TLS that prove themselves by certificates.
    pub tls: TlsSettings,
}

/// Files for TLS, in PEM; all of them or none.
#[derive(Clone, Debug, Deserialize)]
pub struct TlsSettings {
    /// The core's certificate, with those between it and its authority.
    pub certificate: PathBuf,
    /// The key of that certificate.
    pub key: PathBuf,
    /// The authority that gateways have their certificates from.
    pub client_ca: PathBuf,
}

/// Where the data is.
#[derive(Clone, Debug, Deserialize)]
pub struct DatabaseSettings {
    /// `sqlite://FILE` or `postgres://…`.
    pub url: String,
    /// How many connections at most.
    pub connections: u32,
    /// Whether a PostgreSQL that does not see to it that what it has confirmed is on the disk is refused.
    pub require_fsync: bool,
}

/// The gateways that may call.
#[derive(Clone, Debug, Deserialize)]
pub struct GatewaysSettings {
    /// bff-web.
    pub web: GatewaySettings,
    /// bff-mobile.
    pub mobile: GatewaySettings,
    /// bff-desktop.
    pub desktop: GatewaySettings,
}

/// One gateway.
#[derive(Clone, Deserialize)]
pub struct GatewaySettings {
    /// What it proves itself with; empty where it may not call.
    pub secret: String,
}

/// Signing in.
#[derive(Clone, Deserialize)]
pub struct SessionSettings {
    /// What tokens are made with; at least 32 characters.
    pub secret: String,
    /// Secrets of before, whose tokens are still good.
    pub previous_secrets: Vec<String>,
    /// How long a browser stays signed in.
    pub web_lifetime: Period,
    /// How long a browser stays signed in that asks for nothing.
    pub web_idle: Period,
    /// How long phones and desktops stay signed in.
    pub lifetime: Period,
    /// How long their access tokens last, until the next refresh.
    pub access_lifetime: Period,
    /// How often somebody may try to sign in to one account within five minutes.
    pub tries_per_account: NonZeroU32,
    /// How often from one address within five minutes.
    pub tries_per_address: NonZeroU32,
    /// How often in all within five minutes.
    pub tries_in_all: NonZeroU32,
}

/// Signing in with an OpenID provider.
#[derive(Clone, Debug, Deserialize)]
pub struct OidcSettings {
    /// The provider's address, as its own documents have it; empty where there is none.
    pub issuer: String,
    /// What is asked for, with spaces between.
    pub scope: String,
    /// How long the provider may take to answer, in all that one call needs of it.
    pub timeout: Period,
    /// Whether an account belongs to whoever the provider says has its e-mail address.
    pub link_by_email: bool,
    /// How the provider knows bff-web.
    pub web: OidcClientSettings,
    /// How the provider knows bff-desktop.
    pub desktop: OidcClientSettings,
}

/// How the provider knows the app of one gateway.
#[derive(Clone, Deserialize)]
pub struct OidcClientSettings {
    /// Its name there; empty where the gateway does without the provider.
    pub client_id: String,
    /// Its secret there; empty for a public client.
    pub client_secret: String,
    /// Where the provider sends browsers back to; desktops say it themselves.
    #[serde(default)]
    pub redirect_uri: String,
}

/// Calls that have their effect once.
#[derive(Clone, Debug, Deserialize)]
pub struct IdempotencySettings {
    /// How long their answers are kept.
    pub kept_for: Period,
}

impl std::fmt::Debug for GatewaySettings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("GatewaySettings(…)")
    }
}

impl std::fmt::Debug for SessionSettings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SessionSettings(…)")
    }
}

impl std::fmt::Debug for OidcClientSettings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("OidcClientSettings(…)")
    }
}

/// What a password's hash costs.
#[derive(Clone, Debug, Deserialize)]
pub struct PasswordSettings {
    /// Memory of one hash, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// How many hashes at the same time.
    pub at_once: usize,
}

/// The counters of posts.
#[derive(Clone, Debug, Deserialize)]
pub struct CountSettings {
    /// How often they are added up.
    #[serde(deserialize_with = "Period::above_zero")]
    pub fold_every: Period,
}

/// The log of changes.
#[derive(Clone, Debug, Deserialize)]
pub struct ChangeSettings {
    /// How many changes are kept in the database.
    pub kept: u32,
    /// How many changes are kept in memory.
    pub in_memory: usize,
}

/// Files of books that go through the gateways, in and out.
#[derive(Clone, Debug, Deserialize)]
pub struct TransferSettings {
    /// How many at the same time.
    pub at_once: usize,
    /// How long one may take.
    pub longest: Period,
    /// How long the next bytes of one that comes in may be in coming.
    pub idle: Period,
    /// How many bytes one that comes in may have.
    pub max_import_bytes: u64,
}

impl Settings {
    /// The built-in settings, changed by `file` and by the environment; `DATABASE_URL` has the last word
    /// on where the data is.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsError> {
        let mut settings: Self =
            settings::load(include_str!("../settings.toml"), file, settings::environment())?;
        if let Ok(url) = std::env::var("DATABASE_URL") {
            settings.database.url = url;
        }
        Ok(settings)
    }
}

//! The settings that every gateway has. Their documentation is each gateway's `settings.toml`.

mod client;
mod deprecated;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use serde::Deserialize;
use service_kit::settings::{AdminSettings, LogSettings, Period};

pub use client::ClientSettings;
pub use deprecated::Deprecated;

/// What every gateway's settings begin with.
#[derive(Clone, Debug, Deserialize)]
pub struct GatewaySettings {
    /// The port that clients talk to.
    pub server: ServerSettings,
    /// The port that operators talk to.
    pub admin: AdminSettings,
    /// The log.
    pub log: LogSettings,
    /// The core.
    pub core: CoreSettings,
    /// What is kept of its answers.
    pub cache: CacheSettings,
    /// How many requests anybody may make.
    pub rate_limit: RateLimitSettings,
    /// How many streams of live events anybody may have open; nothing where there are none.
    pub live: Option<LiveSettings>,
    /// The routes that are to go away.
    pub deprecated: Vec<Deprecated>,
    /// Which versions of the client are served; nothing for a client that is always the newest.
    pub client: Option<ClientSettings>,
}

/// The port that clients talk to.
#[derive(Clone, Debug, Deserialize)]
pub struct ServerSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How long a request that only reads may take.
    pub read_deadline: Period,
    /// How long any other request may take.
    pub write_deadline: Period,
    /// How long a client may take nothing of what is sent to it.
    pub stall: Period,
    /// How old a connection becomes, give or take a tenth, before the client is asked to open a new one.
    pub connection_age: Period,
    /// How many bytes the body of a request may have.
    pub max_body_bytes: usize,
    /// How many connections there may be at once.
    pub max_connections: usize,
    /// How many of them may come from one address (one /64 network of IPv6); 0 for any number.
    pub max_connections_per_ip: usize,
    /// How many proxies of ours there are between clients and this process.
    pub trusted_proxies: usize,
    /// Whether clients reach it over https.
    pub https: bool,
    /// How long it goes on as if nothing were once it was told to stop, but is no longer ready.
    pub linger: Period,
    /// How long open requests may go on after that.
    pub drain: Period,
}

/// How many requests anybody may make.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct RateLimitSettings {
    /// How many requests one session may make per window; 0 for any number.
    pub per_session: u32,
    /// How many requests one address (one /64 network of IPv6) may make per window without a session; 0 for
    /// any number.
    pub per_address: u32,
    /// The window.
    #[serde(deserialize_with = "Period::above_zero")]
    pub window: Period,
}

/// How many streams of live events anybody may have open, and what they take to stay so.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct LiveSettings {
    /// How many one session may have; 0 for any number.
    pub per_session: usize,
    /// How many one address (one /64 network of IPv6) may have without a session; 0 for any number.
    pub per_address: usize,
    /// How long a stream may be silent; a client's end of a WebSocket three times as long.
    #[serde(deserialize_with = "Period::above_zero")]
    pub heartbeat: Period,
}

/// Of a gateway that has no such streams.
impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            per_session: 0,
            per_address: 0,
            heartbeat: Period::from(Duration::from_secs(15)),
        }
    }
}

/// How the core is called.
#[derive(Clone, Deserialize)]
pub struct CoreSettings {
    /// Where it is.
    pub url: String,
    /// What this gateway proves itself with to the core.
    pub secret: String,
    /// What it takes to prove itself by a certificate instead.
    pub tls: CoreTlsSettings,
    /// How long a call that only reads may take, if the request's deadline leaves as much.
    pub read_timeout: Period,
    /// How long any other call may take, if the request's deadline leaves as much.
    pub write_timeout: Period,
}

/// What is kept of the core's answers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct CacheSettings {
    /// How many bytes at most, half of them for answers and half for whole pages. With 0 nothing is kept, and nothing that is
    /// under way is shared: every request asks the core for itself.
    pub max_bytes: u64,
}

/// Files for TLS, in PEM; all of them or none.
#[derive(Clone, Debug, Deserialize)]
pub struct CoreTlsSettings {
    /// The authority that the core has its certificate from.
    pub ca: PathBuf,
    /// This gateway's certificate.
    pub certificate: PathBuf,
    /// The key of that certificate.
    pub key: PathBuf,
    /// The name that the core's certificate is for.
    pub core_name: String,
}

impl std::fmt::Debug for CoreSettings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("CoreSettings")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

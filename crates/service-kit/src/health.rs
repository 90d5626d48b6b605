//! Whether a process can do its work: named checks, and the question that the `health` subcommand asks.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// How long the `health` subcommand waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The checks that all have to hold for this process to be ready. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Health {
    checks: Arc<RwLock<BTreeMap<&'static str, State>>>,
}

#[derive(Clone, Debug, Serialize)]
struct State {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What `/readyz` answers.
#[derive(Clone, Debug, Serialize)]
pub struct Readiness {
    /// All checks hold.
    pub ready: bool,
    checks: BTreeMap<&'static str, State>,
}

impl Health {
    /// Without any check, which is ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check, which does not hold until its handle says so.
    pub fn check(&self, name: &'static str) -> Check {
        let check = Check {
            health: self.clone(),
            name,
        };
        check.fail("starting");
        check
    }

    /// How it stands.
    pub fn readiness(&self) -> Readiness {
        let checks = self.checks.read().unwrap_or_else(PoisonError::into_inner).clone();
        Readiness {
            ready: checks.values().all(|state| state.ready),
            checks,
        }
    }

    fn set(&self, name: &'static str, state: State) {
        let mut checks = self.checks.write().unwrap_or_else(PoisonError::into_inner);
        let (ready, detail) = (state.ready, state.detail.clone());
        let changed = checks
            .insert(name, state)
            .is_none_or(|before| before.ready != ready);
        drop(checks);
        if changed {
            tracing::info!(check = name, ready, detail, "readiness changed");
        }
    }
}

/// The handle of one check.
#[derive(Clone, Debug)]
pub struct Check {
    health: Health,
    name: &'static str,
}

impl Check {
    /// The check holds.
    pub fn pass(&self) {
        self.health.set(
            self.name,
            State {
                ready: true,
                detail: None,
            },
        );
    }

    /// The check does not hold; `detail` is for operators.
    pub fn fail(&self, detail: impl Into<String>) {
        self.health.set(
            self.name,
            State {
                ready: false,
                detail: Some(detail.into()),
            },
        );
    }
}

/// Why a process does not count as healthy.
#[derive(Debug, thiserror::Error)]
pub enum Unhealthy {
    /// Nobody answers there.
    #[error("{0} does not answer")]
    Silent(SocketAddr, #[source] io::Error),
    /// It took too long.
    #[error("{0} did not answer within {PATIENCE:?}")]
    Slow(SocketAddr),
    /// It answers that it is not ready.
    #[error("{0}")]
    NotReady(String),
}

/// Asks the admin port at `address` whether the process is ready, and waits two seconds at most.
pub async fn ask(address: SocketAddr) -> Result<(), Unhealthy> {
    let address = reachable(address);
    let answer = tokio::time::timeout(PATIENCE, get_readyz(address))
        .await
        .map_err(|_| Unhealthy::Slow(address))?
        .map_err(|error| Unhealthy::Silent(address, error))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(());
    }
    let body = answer.split_once("\r\n\r\n").map_or(&*answer, |(_, body)| body);
    Err(Unhealthy::NotReady(body.trim().to_owned()))
}

async fn get_readyz(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A process that listens everywhere is asked on the loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

//! The admin port: `/livez` (the process runs), `/readyz` (it can do its work), `/metrics`.
//!
//! It is for operators and orchestrators only, and answers until the very end of the process.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    health::Health,
    settings::AdminSettings,
    telemetry::{self, TelemetryError},
};

/// How often collected metrics are brought into a form that does not grow.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why the admin port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The address is not to be had.
    #[error("admin.listen = {0} is not to be had")]
    Bind(SocketAddr, #[source] io::Error),
    /// There are no metrics to serve.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
}

/// The open admin port; it closes when this is dropped.
#[derive(Debug)]
pub struct AdminPort {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl AdminPort {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Opens the admin port and serves it in the background.
pub async fn open(settings: &AdminSettings, health: Health) -> Result<AdminPort, AdminError> {
    let metrics = telemetry::metrics()?;
    let bound = async {
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let (listener, address) = bound
        .await
        .map_err(|error| AdminError::Bind(settings.listen, error))?;

    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        #[expect(
            clippy::disallowed_methods,
            reason = "operators only: no stranger can hold connections here"
        )]
        let served = axum::serve(listener, routes(health)).await;
        tracing::error!(?served, "the admin port has ended");
    });
    tasks.spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            metrics.run_upkeep();
        }
    });
    Ok(AdminPort {
        address,
        _tasks: tasks,
    })
}

fn routes(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(health)
}

async fn readyz(State(health): State<Health>) -> impl IntoResponse {
    let readiness = health.readiness();
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness))
}

async fn metrics() -> Result<String, StatusCode> {
    telemetry::metrics()
        .map(|handle| handle.render())
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::{self, Unhealthy};

    async fn opened(health: &Health) -> AdminPort {
        let settings = AdminSettings {
            listen: ([127, 0, 0, 1], 0).into(),
        };
        open(&settings, health.clone()).await.expect("a free port")
    }

    #[tokio::test]
    async fn is_ready_once_every_check_holds() {
        let health = Health::new();
        let (core, disk) = (health.check("core"), health.check("disk"));
        let port = opened(&health).await;

        core.pass();
        let Err(Unhealthy::NotReady(text)) = health::ask(port.address()).await else {
            panic!("it is not ready yet")
        };
        assert_eq!(
            text,
            r#"{"ready":false,"checks":{"core":{"ready":true},"disk":{"ready":false,"detail":"starting"}}}"#
        );

        disk.pass();
        health::ask(port.address()).await.expect("it is ready");
        core.fail("gone");
        health::ask(port.address())
            .await
            .expect_err("it is ready no longer");
    }

    #[tokio::test]
    async fn a_port_that_is_closed_is_unhealthy() {
        let port = opened(&Health::new()).await;
        let address = port.address();
        drop(port);
        // The task that holds the port ends a moment after it was told to.
        let closed = async {
            while !matches!(health::ask(address).await, Err(Unhealthy::Silent(..))) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), closed)
            .await
            .expect("the port closes");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_named() {
        let port = opened(&Health::new()).await;
        let settings = AdminSettings {
            listen: port.address(),
        };
        let error = open(&settings, Health::new())
            .await
            .expect_err("the port is taken");
        assert!(error.to_string().contains(&port.address().to_string()), "{error}");
    }
}

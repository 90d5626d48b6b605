//! `core-service serve`.

use anyhow::Context;
use service_kit::health::Health;
use service_kit::{admin, shutdown, telemetry};
use tokio::net::TcpListener;

use crate::database::Database;
use crate::grpc;
use crate::services::{Services, counts, idempotency};
use crate::settings::Settings;

/// Serves the gateways until the process is told to stop.
pub(super) async fn run(settings: Settings) -> anyhow::Result<()> {
    // Its calls have spans, which name the calls that travel in batches, too.
    telemetry::init(&settings.log, |_| ())?;
    let stop = shutdown::on_signals()?;
    let health = Health::new();
    let database_check = health.check("database");
    let grpc_check = health.check("grpc");
    let _admin = admin::open(&settings.admin, health).await?;

    let database = Database::connect(&settings.database.url, settings.database.connections).await;
    let database = database.context("the database cannot be opened")?;
    if settings.database.require_fsync {
        database.require_fsync().await?;
    }
    database_check.pass();

    let services = Services::new(&database, &settings)?;
    let folding = counts::fold_forever(database, settings.counts.fold_every.get(), stop.clone());
    let folding = tokio::spawn(folding);
    let kept_for = settings.idempotency.kept_for.get();
    let forgetting = tokio::spawn(idempotency::forget_forever(
        services.db.clone(),
        kept_for,
        stop.clone(),
    ));

    let listener = TcpListener::bind(settings.grpc.listen).await;
    let listener =
        listener.with_context(|| format!("grpc.listen = {} is not to be had", settings.grpc.listen))?;
    tracing::info!(listen = %listener.local_addr()?, "serving");
    grpc_check.pass();

    let serving = grpc::serve(listener, services, &settings, stop.clone());
    let served = shutdown::within(&stop, settings.grpc.drain.get(), serving).await;
    // What could not even begin to serve ends everything else as well.
    stop.cancel();
    folding.await?;
    forgetting.await?;
    served.unwrap_or(Ok(()))
}

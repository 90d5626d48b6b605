//! A core without a database: it answers what the screens of the bench ask from messages that were made before, so that
//! what is measured is the gateway and the way to the core.
//!
//! It speaks the contract as the real one does: single calls, batches, a log of changes (in which nothing happens), and
//! field masks, which it obeys. It knows neither secrets nor sessions: whoever asks is answered.

mod answers;
mod batch;
mod changes;
mod masks;
mod shelves;
mod single;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use proto::{
    batch::v1::batch_service_server::BatchServiceServer, books::v1::book_service_server::BookServiceServer,
    changes::v1::change_service_server::ChangeServiceServer,
    posts::v1::post_service_server::PostServiceServer,
};
use tonic::transport::Server;

use answers::Answers;
use batch::Batches;
use changes::Quiet;
use single::Single;

/// Serves until the process ends.
pub async fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    let answers = Arc::new(Answers::new());
    let (health, health_service) = tonic_health::server::health_reporter();
    health
        .set_service_status("", tonic_health::ServingStatus::Serving)
        .await;
    Server::builder()
        .max_concurrent_streams(512)
        .http2_max_pending_accept_reset_streams(Some(10_000))
        .add_service(health_service)
        .add_service(BatchServiceServer::new(Batches(answers.clone())))
        .add_service(ChangeServiceServer::new(Quiet))
        .add_service(Single::<BookServiceServer<()>>::new(answers.clone()))
        .add_service(Single::<PostServiceServer<()>>::new(answers))
        .serve(listen)
        .await
        .context("serving from memory")
}

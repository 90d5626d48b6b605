//! The gRPC server: the controllers, health, reflection, and the limits of a trusted but busy hop.

use std::time::Duration;

use proto::batch::v1::batch_service_server::BatchServiceServer;
use proto::books::v1::book_service_server::BookServiceServer;
use proto::changes::v1::change_service_server::ChangeServiceServer;
use proto::orders::v1::order_service_server::OrderServiceServer;
use proto::posts::v1::moderation_service_server::ModerationServiceServer;
use proto::posts::v1::post_service_server::PostServiceServer;
use proto::users::v1::session_service_server::SessionServiceServer;
use proto::users::v1::user_service_server::UserServiceServer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower_http::catch_panic::CatchPanicLayer;

use super::access::{Guard, Guarded};
use super::batch::BatchController;
use super::books::BookController;
use super::changes::ChangeController;
use super::gateways::Gateways;
use super::moderation::ModerationController;
use super::observe::{Observe, panicked};
use super::orders::OrderController;
use super::posts::PostController;
use super::sessions::SessionController;
use super::tls;
use super::users::UserController;
use crate::services::Services;
use crate::settings::Settings;

/// The largest request that is read.
const REQUEST_BYTES: usize = 1024 * 1024;
/// The largest answer that is sent.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// The largest batch of requests, and of answers.
const BATCH_BYTES: usize = 128 * 1024 * 1024;
/// The largest headers of one call.
const HEADER_BYTES: u32 = 16 * 1024;
/// How long a connection lives before the gateway is asked to make a new one, and what that may take when no file is
/// under way on it.
const CONNECTION_AGE: Duration = Duration::from_secs(300);
const CONNECTION_GRACE: Duration = Duration::from_secs(30);
/// A silent connection is asked for a sign of life after so long, and given up after that.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);
/// How many resets of calls may wait on one connection. The gateways' clients come and go as they like,
/// and each that goes resets its calls on a connection that all others share; the library's default of
/// 20 would drop that connection and everybody's calls with it.
const PENDING_RESETS: usize = 10_000;

/// Serves the contract on `listener` until `stop`, then lets calls in flight end.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    settings: &Settings,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let tls = tls::config(&settings.grpc.tls)?;
    let guard = Guard {
        gateways: Gateways::new(&settings.gateways, tls.is_some())?,
        sessions: services.sessions.clone(),
    };
    let longest_stream = settings.transfers.longest.get();
    let settings = &settings.grpc;
    services.feed.follow(stop.clone()).await;
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<UserServiceServer<UserController>>().await;
    health
        .set_serving::<SessionServiceServer<SessionController>>()
        .await;
    health.set_serving::<BookServiceServer<BookController>>().await;
    health
        .set_serving::<ChangeServiceServer<ChangeController>>()
        .await;
    health.set_serving::<OrderServiceServer<OrderController>>().await;
    health.set_serving::<PostServiceServer<PostController>>().await;
    health
        .set_serving::<ModerationServiceServer<ModerationController>>()
        .await;

    let reflection = settings.reflection.then(|| {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()
    });

    macro_rules! limited {
        ($server:ident, $controller:ident) => {
            $server::new($controller(services.clone()))
                .max_decoding_message_size(REQUEST_BYTES)
                .max_encoding_message_size(ANSWER_BYTES)
        };
    }
    let batches = BatchController::new(
        &services,
        settings.calls_in_batches as usize,
        settings.timeout.get(),
    );
    let batches = BatchServiceServer::new(batches)
        .max_decoding_message_size(BATCH_BYTES)
        .max_encoding_message_size(BATCH_BYTES);
    let mut server = Server::builder();
    if let Some(tls) = tls {
        server = server.tls_config(tls)?;
    }
    server
        // Of a stream, this is for its beginning only.
        .timeout(settings.timeout.get())
        // Calls beyond the limit are refused at once, not kept waiting unseen; the streams above it are
        // there to carry those refusals.
        .concurrency_limit_per_connection(settings.calls_per_connection as usize)
        .load_shed(true)
        // A stream that is open counts no longer as a call.
        .max_concurrent_streams(
            settings
                .calls_per_connection
                .saturating_mul(2)
                .saturating_add(settings.streams_per_connection),
        )
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
        .max_connection_age(CONNECTION_AGE)
        .max_connection_age_grace(longest_stream + CONNECTION_GRACE)
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS))
        .http2_max_local_error_reset_streams(Some(PENDING_RESETS))
        .http2_max_header_list_size(HEADER_BYTES)
        // Counts, times and names every call.
        .layer(tower::layer::layer_fn(Observe))
        // Lets through what the table of who may call what allows.
        .layer(tower::layer::layer_fn(move |inner| Guarded {
            inner,
            guard: guard.clone(),
        }))
        // Turns a panic into an INTERNAL answer.
        .layer(CatchPanicLayer::custom(panicked))
        .add_service(health_service)
        .add_optional_service(reflection.transpose()?)
        .add_service(batches)
        .add_service(limited!(UserServiceServer, UserController))
        .add_service(limited!(SessionServiceServer, SessionController))
        .add_service(limited!(BookServiceServer, BookController))
        .add_service(limited!(ChangeServiceServer, ChangeController))
        .add_service(limited!(OrderServiceServer, OrderController))
        .add_service(limited!(PostServiceServer, PostController))
        .add_service(limited!(ModerationServiceServer, ModerationController))
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            stop.cancelled_owned(),
        )
        .await?;
    Ok(())
}

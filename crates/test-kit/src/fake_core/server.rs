//! The port of the fake core. It has a runtime of its own, so that it can die like a process: at once,
//! and with all its connections.

use std::net::SocketAddr;
use std::time::Duration;

use proto::{
    batch::v1::batch_service_server::BatchServiceServer,
    books::v1::book_service_server::BookServiceServer,
    changes::v1::change_service_server::ChangeServiceServer,
    orders::v1::order_service_server::OrderServiceServer,
    posts::v1::{moderation_service_server::ModerationServiceServer, post_service_server::PostServiceServer},
    users::v1::{session_service_server::SessionServiceServer, user_service_server::UserServiceServer},
};
use tokio::runtime::{Builder, Runtime};
use tonic::transport::server::TcpIncoming;
use tonic_health::pb::health_server::HealthServer;

use super::Memory;

#[derive(Debug)]
pub(super) struct Server {
    runtime: Option<Runtime>,
}

impl Server {
    pub(super) fn start(address: SocketAddr, memory: Memory) -> (Self, SocketAddr) {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        let listener = std::net::TcpListener::bind(address).expect("the port is free");
        listener
            .set_nonblocking(true)
            .expect("a socket can be made non-blocking");
        let address = listener.local_addr().expect("a bound socket has an address");
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener).expect("the runtime takes the socket")
        };
        let routes = tonic::transport::Server::builder()
            .add_service(HealthServer::new(memory.clone()))
            .add_service(BatchServiceServer::new(memory.clone()))
            .add_service(BookServiceServer::new(memory.clone()))
            .add_service(ChangeServiceServer::new(memory.clone()))
            .add_service(OrderServiceServer::new(memory.clone()))
            .add_service(PostServiceServer::new(memory.clone()))
            .add_service(ModerationServiceServer::new(memory.clone()))
            .add_service(SessionServiceServer::new(memory.clone()))
            .add_service(UserServiceServer::new(memory));
        // As the real core does: else each window of a long stream costs the 40 ms of a delayed acknowledgement.
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        runtime.spawn(routes.serve_with_incoming(incoming));
        (
            Self {
                runtime: Some(runtime),
            },
            address,
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // On a thread of its own, because a runtime may not end within another one; and waited for, so that every
        // connection is gone for certain.
        if let Some(runtime) = self.runtime.take() {
            let ending = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(5)));
            let _ = ending.join();
        }
    }
}

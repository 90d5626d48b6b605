//! A core as a process of its own, which can be killed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use proto::changes::v1::change_service_client::ChangeServiceClient;
use proto::posts::v1::post_service_client::PostServiceClient;
use proto::users::v1::session_service_client::SessionServiceClient;
use proto::users::v1::user_service_client::UserServiceClient;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};

/// What bff-web of these tests shows to the core.
const SECRET: &str = "what bff-web of these tests shows to the core";
/// How long a core may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A core.
pub struct Core {
    url: String,
    port: u16,
    process: Child,
    channel: Channel,
}

impl Core {
    /// Starts one on a migrated database.
    pub async fn start(url: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let channel = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))
            .unwrap()
            .timeout(Duration::from_secs(5))
            .connect_lazy();
        let core = Self {
            url: url.to_owned(),
            port,
            process: launch(url, port),
            channel,
        };
        core.answers().await;
        core
    }

    /// Kills it with SIGKILL, and starts it again in the same place.
    pub async fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = launch(&self.url, self.port);
        self.answers().await;
    }

    /// Waits until it answers.
    pub async fn answers(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = of_the_web(proto::posts::v1::ListTagsRequest::default(), None);
            match self.posts().list_tags(request).await {
                Ok(_) => return,
                Err(status) => assert!(Instant::now() < deadline, "the core does not answer: {status}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn posts(&self) -> PostServiceClient<Channel> {
        PostServiceClient::new(self.channel.clone())
    }

    pub fn users(&self) -> UserServiceClient<Channel> {
        UserServiceClient::new(self.channel.clone())
    }

    pub fn sessions(&self) -> SessionServiceClient<Channel> {
        SessionServiceClient::new(self.channel.clone())
    }

    pub fn changes(&self) -> ChangeServiceClient<Channel> {
        ChangeServiceClient::new(self.channel.clone())
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn launch(url: &str, port: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_core-service"))
        .arg("serve")
        .env("DATABASE_URL", url)
        // Servers of tests are fast rather than safe.
        .env("TRIPTYCH_DATABASE__REQUIRE_FSYNC", "false")
        .env("TRIPTYCH_GRPC__LISTEN", format!("127.0.0.1:{port}"))
        .env("TRIPTYCH_ADMIN__LISTEN", "127.0.0.1:0")
        .env("TRIPTYCH_LOG__LEVEL", "error")
        .env("TRIPTYCH_GATEWAYS__WEB__SECRET", SECRET)
        .env(
            "TRIPTYCH_SESSION__SECRET",
            "what the core of these tests signs with",
        )
        .env("TRIPTYCH_PASSWORD__MEMORY_KIB", "64")
        .env("TRIPTYCH_PASSWORD__ITERATIONS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A request through the web, in the name of whoever has the token.
pub fn of_the_web<M>(message: M, token: Option<&str>) -> Request<M> {
    let mut request = Request::new(message);
    let metadata = request.metadata_mut();
    metadata.insert("x-gateway-secret", SECRET.parse().unwrap());
    if let Some(token) = token {
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request
}

//! How each of the programs is started.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use reqwest::StatusCode;

use super::{SERVER_CPU, Stage, load::Target, pages::Page, program::Program};

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A secret that needs not be kept.
const SECRET: &str = "a secret of the bench, known to everybody";
/// More than one address can ask for in a minute.
const ANY_NUMBER: &str = "1000000000";

/// A client, with the gateway that is made for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Mobile,
    Web,
}

impl Face {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Web => "web",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Mobile => "bff-mobile",
            Self::Web => "bff-web",
        }
    }

    /// A screen of three calls for a guest.
    pub(super) fn home(self) -> &'static str {
        match self {
            Self::Mobile => "/v1/home",
            Self::Web => "/api/views/home",
        }
    }

    /// A list of as many books as are asked for.
    pub(super) fn books(self) -> &'static str {
        match self {
            Self::Mobile => "/v1/books",
            Self::Web => "/api/views/books",
        }
    }

    /// A screen of which a part is the viewer's own.
    pub(super) fn book(self) -> &'static str {
        match self {
            Self::Mobile => "/v1/books/1",
            Self::Web => "/api/views/books/1",
        }
    }
}

/// A program that runs, and where it is reached.
pub(super) struct Server {
    pub(super) program: Program,
    pub(super) address: String,
}

impl Server {
    /// A guest's request for this path.
    pub(super) fn target(&self, path: &str) -> Target {
        Target {
            url: format!("{}{path}", self.address),
            headers: Vec::new(),
            body: None,
            script: String::new(),
        }
    }

    pub(super) async fn stop(self) {
        self.program.stop().await;
    }
}

impl Stage {
    /// The core that answers from memory.
    pub(super) async fn memory_core(&self) -> anyhow::Result<Server> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["memory-core", "--listen", &format!("127.0.0.1:{port}")]);
        self.start("core", &command, port).await
    }

    /// The PostgreSQL that was given, if one was.
    pub(super) fn postgres(&self) -> anyhow::Result<Option<(String, Program)>> {
        let (Some(url), Some(pid)) = (&self.options.postgres_url, self.options.postgres_pid) else {
            return Ok(None);
        };
        let program = Program::running("postgres", pid, SERVER_CPU)?;
        Ok(Some((url.clone(), program)))
    }

    /// The real core, with demo data in this database.
    pub(super) async fn core(&self, database_url: &str, log: &str) -> anyhow::Result<Server> {
        let program = self.options.programs.join("core-service");
        for step in ["migrate up", "seed"] {
            let mut command = Command::new(&program);
            let command = command.args(step.split(' ')).env("DATABASE_URL", database_url);
            let output = command.output()?;
            ensure!(
                output.status.success(),
                "core-service {step}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let (port, admin) = (free_port()?, free_port()?);
        let mut command = Command::new(&program);
        command.arg("serve").env("DATABASE_URL", database_url);
        // The server of the bench is one of tests; nothing is written where it is measured.
        command.env("TRIPTYCH_DATABASE__REQUIRE_FSYNC", "false");
        command.env("TRIPTYCH_GRPC__LISTEN", format!("127.0.0.1:{port}"));
        command.env("TRIPTYCH_ADMIN__LISTEN", format!("127.0.0.1:{admin}"));
        command.env("TRIPTYCH_LOG__LEVEL", log);
        command.env("TRIPTYCH_SESSION__SECRET", SECRET);
        for gateway in ["WEB", "MOBILE", "DESKTOP"] {
            let name = format!("TRIPTYCH_GATEWAYS__{gateway}__SECRET");
            command.env(name, format!("{SECRET}: {gateway}"));
        }
        self.start("core", &command, port).await
    }

    /// One of our gateways, ready. Its limits are in force, and as wide as the load needs them.
    pub(super) async fn gateway(
        &self,
        face: Face,
        core: &str,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<Server> {
        let (port, admin) = (free_port()?, free_port()?);
        let command = self.gateway_command(face, core, (port, admin), settings);
        let mut server = self.start("gateway", &command, port).await?;
        self.ready(&mut server.program, admin).await?;
        Ok(server)
    }

    /// How long a gateway takes from its start until it says that it is ready.
    pub(super) async fn time_to_ready(&self, face: Face, core: &str) -> anyhow::Result<Duration> {
        let (port, admin) = (free_port()?, free_port()?);
        let command = self.gateway_command(face, core, (port, admin), &[]);
        let began = Instant::now();
        let mut program = Program::start("gateway", &command, SERVER_CPU, self.folder.path())?;
        self.ready(&mut program, admin).await?;
        let took = began.elapsed();
        program.stop().await;
        Ok(took)
    }

    /// Waits until a program says on its admin port that it is ready.
    async fn ready(&self, program: &mut Program, admin: u16) -> anyhow::Result<()> {
        let ready = Target {
            url: format!("http://127.0.0.1:{admin}/readyz"),
            headers: Vec::new(),
            body: None,
            script: String::new(),
        };
        let deadline = Instant::now() + PATIENCE;
        while let Err(error) = self.ask(&ready, StatusCode::OK).await {
            program.is_alive()?;
            if Instant::now() > deadline {
                return Err(error.context("it does not become ready"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// The command that starts a gateway on these ports.
    fn gateway_command(
        &self,
        face: Face,
        core: &str,
        (port, admin): (u16, u16),
        settings: &[(&str, &str)],
    ) -> Command {
        let mut command = Command::new(self.options.programs.join(face.program()));
        command.arg("serve");
        command.env("TRIPTYCH_SERVER__LISTEN", format!("127.0.0.1:{port}"));
        command.env("TRIPTYCH_ADMIN__LISTEN", format!("127.0.0.1:{admin}"));
        command.env("TRIPTYCH_CORE__URL", core);
        command.env(
            "TRIPTYCH_CORE__SECRET",
            format!("{SECRET}: {}", face.name().to_uppercase()),
        );
        command.env("TRIPTYCH_SERVER__LINGER", "0s");
        command.env("TRIPTYCH_SERVER__MAX_CONNECTIONS_PER_IP", "0");
        command.env("TRIPTYCH_RATE_LIMIT__PER_ADDRESS", ANY_NUMBER);
        command.env("TRIPTYCH_RATE_LIMIT__PER_SESSION", ANY_NUMBER);
        command.envs(settings.iter().copied());
        command
    }

    /// nginx with one worker, serving the bytes of a page from a file, with the header fields of that page.
    pub(super) async fn nginx(&self, page: &Page) -> anyhow::Result<Server> {
        let port = free_port()?;
        let folder = self.folder.path();
        std::fs::create_dir_all(folder.join("static"))?;
        std::fs::write(folder.join("static/page"), &page.body)?;
        let configuration = folder.join("nginx.conf");
        std::fs::write(&configuration, nginx_conf(folder, port, page))?;
        let mut command = Command::new("nginx");
        command
            .arg("-c")
            .arg(&configuration)
            .arg("-e")
            .arg(folder.join("nginx-error.log"));
        let server = self.start("nginx", &command, port).await?;
        let served = self.ask(&server.target("/page"), StatusCode::OK).await?;
        ensure!(served.body == page.body, "nginx serves something else");
        Ok(server)
    }

    /// Starts a program and waits until it takes connections.
    pub(super) async fn start(
        &self,
        name: &'static str,
        command: &Command,
        port: u16,
    ) -> anyhow::Result<Server> {
        let mut program = Program::start(name, command, SERVER_CPU, self.folder.path())?;
        let deadline = Instant::now() + PATIENCE;
        while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            let ended = program.is_alive().err();
            if ended.is_some() || Instant::now() > deadline {
                let log = std::fs::read_to_string(self.folder.path().join(format!("{name}.log")));
                let log = log.unwrap_or_default();
                bail!("{name} does not take connections ({ended:?}):\n{log}");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(Server {
            program,
            address: format!("http://127.0.0.1:{port}"),
        })
    }
}

/// As plain as Debian has it, without a log of requests, which our gateways do not write either.
fn nginx_conf(folder: &Path, port: u16, page: &Page) -> String {
    let folder = folder.display();
    let kind = page
        .headers
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("application/json");
    let own = page.own_headers().filter(|(name, _)| *name != "content-type");
    let own: String = own
        .map(|(name, value)| format!("add_header {name} \"{}\";\n", value.replace('"', "\\\"")))
        .collect();
    format!(
        "daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
default_type {kind};
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
server {{ listen 127.0.0.1:{port}; root {folder}/static;
{own}}} }}
"
    )
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("a port")?;
    Ok(listener.local_addr()?.port())
}

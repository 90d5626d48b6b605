//! Starts the processes, waits until they are ready, starts again what crashes, stops all in order.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::console::{Console, Tail};
use super::roles::Role;
use crate::process::{self, Child, SIGTERM};

/// How long the cluster may take until all are ready.
const START: Duration = Duration::from_secs(60);
/// How long a process may take to finish what it does.
const STOP: Duration = Duration::from_secs(15);
/// The wait before a crashed process is started again, doubled each time …
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// … up to this, …
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// … and forgotten after it has run that long.
const STEADY: Duration = Duration::from_secs(60);

/// The processes of the cluster.
pub struct Cluster {
    members: Vec<Member>,
}

struct Member {
    role: Role,
    console: Console,
    child: Child,
    tail: Tail,
    started: Instant,
    wait: Duration,
}

impl Cluster {
    /// Starts them all.
    pub fn start(roles: Vec<Role>, console: &Console) -> anyhow::Result<Self> {
        let members = roles
            .into_iter()
            .map(|role| Member::start(role, console))
            .collect::<Result<_, _>>()?;
        Ok(Self { members })
    }

    /// Waits until all are ready; fails with the last words of one that is not.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + START;
        for member in &mut self.members {
            member.ready(deadline).await?;
        }
        Ok(())
    }

    /// Starts again whatever ends, until somebody asks for the end of all.
    pub async fn keep_running(&mut self) -> anyhow::Result<()> {
        tokio::select! {
            outcome = process::asked_to_stop() => outcome.context("listening for signals"),
            _ = join_all(self.members.iter_mut().map(Member::keep_running)) => Ok(()),
        }
    }

    /// Stops the gateways, then the core that they need for what is still in flight. A second request to stop
    /// kills what is left.
    pub async fn stop(self) {
        let (gateways, core): (Vec<_>, Vec<_>) =
            self.members.into_iter().partition(|member| member.role.gateway);
        let orderly = async {
            for members in [gateways, core] {
                let mut stopping: JoinSet<()> = members.into_iter().map(Member::stop).collect();
                while stopping.join_next().await.is_some() {}
            }
        };
        tokio::select! {
            () = orderly => {}
            _ = process::asked_to_stop() => {}
        }
    }
}

impl Member {
    fn start(role: Role, console: &Console) -> anyhow::Result<Self> {
        let tail = Tail::default();
        let child = spawn(&role, console, &tail)?;
        Ok(Self {
            role,
            console: console.clone(),
            child,
            tail,
            started: Instant::now(),
            wait: FIRST_WAIT,
        })
    }

    async fn ready(&mut self, deadline: Instant) -> anyhow::Result<()> {
        while !is_ready(self.role.admin).await {
            let name = self.role.name;
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{name} ended before it was ready ({status}); its last lines:{}",
                    self.tail.text()
                );
            }
            if Instant::now() > deadline {
                let (admin, seconds, tail) = (self.role.admin, START.as_secs(), self.tail.text());
                bail!(
                    "{name} was not ready after {seconds} s (http://{admin}/readyz); its last lines:{tail}"
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Never ends by itself.
    async fn keep_running(&mut self) {
        loop {
            let ended = match self.child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            };
            if self.started.elapsed() > STEADY {
                self.wait = FIRST_WAIT;
            }
            let wait = self.wait;
            self.console.say_of(
                &self.role,
                &format!("ended ({ended}); starting again in {wait:?}"),
            );
            tokio::time::sleep(wait).await;
            self.wait = (wait * 2).min(LONGEST_WAIT);
            self.started = Instant::now();
            match spawn(&self.role, &self.console, &self.tail) {
                Ok(child) => self.child = child,
                Err(error) => self.console.say_of(&self.role, &format!("{error:#}")),
            }
        }
    }

    async fn stop(mut self) {
        if !process::stop(&mut self.child, SIGTERM, STOP).await {
            self.console.say_of(
                &self.role,
                &format!("did not end within {} s and was killed", STOP.as_secs()),
            );
        }
    }
}

fn spawn(role: &Role, console: &Console, tail: &Tail) -> anyhow::Result<Child> {
    let mut command = tokio::process::Command::new(&role.program);
    command.envs(role.environment.iter().map(|(name, value)| (name, value)));
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child =
        process::spawn(command).with_context(|| format!("starting {}", role.program.display()))?;
    console.follow(role, child.stdout().take(), tail);
    console.follow(role, child.stderr().take(), tail);
    Ok(child)
}

/// Asks the admin port. Whatever goes wrong is a no: the caller asks again.
async fn is_ready(admin: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(admin).await?;
        let request = format!("GET /readyz HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        Ok::<_, std::io::Error>(status.ends_with(b" 200"))
    };
    matches!(
        tokio::time::timeout(Duration::from_secs(2), ask).await,
        Ok(Ok(true))
    )
}

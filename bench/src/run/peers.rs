//! The gateways of others: the same home screens over the same core, as one would make them with other means.

mod tailcall;

use std::process::Command;

use anyhow::ensure;
use reqwest::StatusCode;
use serde_json::Value;

use super::{
    Stage,
    load::Target,
    pages::Page,
    report::Goal,
    rounds::{Measured, Subject},
    servers::{Face, Server, free_port},
};

/// What a gateway of others is made with. Each has a folder of its name in `bench/peers`.
#[derive(Clone, Copy)]
enum Peer {
    Go,
    Tailcall,
    Fastify,
}

/// One that runs, and shows what ours shows.
pub(super) struct Other {
    peer: Peer,
    pub(super) server: Server,
    target: Target,
    body_bytes: usize,
}

impl Stage {
    /// All gateways of others, over this core. Fails where one shows something else than `page`.
    pub(super) async fn peers(&self, face: Face, core: &str, page: &Page) -> anyhow::Result<Vec<Other>> {
        let mut others = Vec::new();
        for peer in [Peer::Go, Peer::Tailcall, Peer::Fastify] {
            let port = free_port()?;
            let command = peer.command(self, core, port)?;
            let server = self.start(peer.folder(), &command, port).await?;
            let target = peer.target(&server, face);
            let theirs = self.ask(&target, StatusCode::OK).await?;
            let (shown, wanted) = (peer.screen(face, theirs.json()?), page.json()?);
            ensure!(shown == wanted, "{} shows:\n{shown}\nnot:\n{wanted}", peer.name());
            others.push(Other {
                peer,
                server,
                target,
                body_bytes: theirs.body.len(),
            });
        }
        Ok(others)
    }
}

impl Other {
    /// What is measured of it: its own process, and the core.
    pub(super) fn subject<'a>(&'a self, core: &'a Server) -> Subject<'a> {
        let servers = [&self.server, core];
        Subject::new(self.peer.name(), self.target.clone(), &servers, self.body_bytes)
    }

    /// How much of what its process takes ours may take; both come first among the programs that were measured.
    pub(super) fn goal(&self, ours: &Measured, theirs: &Measured) -> Goal {
        let share = ours.programs[0].1.median / theirs.programs[0].1.median;
        let (limit, what) = match self.peer {
            Peer::Go => (0.3, "CPU of the gateway, of Go with grpc-go"),
            Peer::Tailcall => (0.15, "CPU of the gateway, of Tailcall"),
            Peer::Fastify => (0.06, "CPU of the gateway, of Fastify with grpc-js"),
        };
        Goal::at_most(limit, what, share)
    }
}

impl Peer {
    fn name(self) -> &'static str {
        match self {
            Self::Go => "Go, grpc-go",
            Self::Tailcall => "Tailcall",
            Self::Fastify => "Fastify, grpc-js",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Tailcall => "tailcall",
            Self::Fastify => "fastify",
        }
    }

    /// The command that starts it on this port.
    fn command(self, stage: &Stage, core: &str, port: u16) -> anyhow::Result<Command> {
        let folder = stage.options.peers.join(self.folder());
        let mut command = match self {
            Self::Go => Command::new(folder.join("build/gateway")),
            Self::Tailcall => tailcall::command(&folder, stage.folder.path(), port)?,
            Self::Fastify => {
                let mut node = Command::new("node");
                node.arg("gateway.js").env("NODE_ENV", "production");
                node
            }
        };
        command.current_dir(folder);
        command.env("PORT", port.to_string());
        command.env("CORE", core.trim_start_matches("http://"));
        Ok(command)
    }

    /// A guest's request for the home screen.
    fn target(self, server: &Server, face: Face) -> Target {
        match self {
            Self::Go | Self::Fastify => server.target(face.home()),
            Self::Tailcall => tailcall::target(server, face),
        }
    }

    /// What a client shows of its answer, as our gateways say it.
    fn screen(self, face: Face, answer: Value) -> Value {
        match self {
            Self::Go | Self::Fastify => answer,
            Self::Tailcall => tailcall::screen(face, &answer["data"]),
        }
    }
}

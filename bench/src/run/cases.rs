//! The cases: what is held against what, and what is to be reached.

use std::collections::BTreeMap;

use reqwest::StatusCode;

use super::{
    Stage,
    load::Target,
    report::{Goal, Report},
    rounds::{self, Measured, Subject},
    servers::{Face, Server},
};

/// Nothing is kept, so that every screen asks the core.
const NOTHING_KEPT: [(&str, &str); 1] = [("TRIPTYCH_CACHE__MAX_BYTES", "0")];
/// A token as clients have it; the core of memory takes any.
const TOKEN: &str = "Bearer a-token-of-the-bench-as-long-as-ours-are-0123456789abcdef0123456789abcdef";

/// One case.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Anonymous(Face),
    SignedIn(Face),
    NotModified(Face),
    Cold(Face),
}

impl Case {
    /// All there are.
    pub(super) fn all() -> Vec<Self> {
        let of = |face| {
            [
                Self::Anonymous(face),
                Self::SignedIn(face),
                Self::NotModified(face),
                Self::Cold(face),
            ]
        };
        [Face::Mobile, Face::Web].into_iter().flat_map(of).collect()
    }

    /// What it is called on the command line.
    pub(super) fn name(&self) -> String {
        let (what, face) = match self {
            Self::Anonymous(face) => ("anonymous", face),
            Self::SignedIn(face) => ("signed-in", face),
            Self::NotModified(face) => ("not-modified", face),
            Self::Cold(face) => ("cold", face),
        };
        format!("{what}-{}", face.name())
    }

    /// Measures it.
    pub(super) async fn run(self, stage: &Stage) -> anyhow::Result<Report> {
        let name = self.name();
        match self {
            Self::Anonymous(face) => stage.anonymous(name, face).await,
            Self::SignedIn(face) => stage.signed_in(name, face).await,
            Self::NotModified(face) => stage.not_modified(name, face).await,
            Self::Cold(face) => stage.cold(name, face).await,
        }
    }
}

impl Stage {
    /// A screen that is the same for everybody, asked for again and again.
    async fn anonymous(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let gateway = self.gateway(face, &core.address, &[]).await?;
        let measured = self
            .beside_nginx(gateway.target(face.home()), StatusCode::OK, &[&gateway, &core])
            .await?;
        stop([gateway, core]).await;
        let ours = &measured[1];
        Ok(Report {
            goals: vec![
                Goal::at_most(1.2, "CPU, of nginx's static file", ours.cpu_ratio.median),
                Goal::at_least(
                    0.9,
                    "throughput, of nginx's static file",
                    ours.throughput_ratio.median,
                ),
            ],
            ..report(case, "a guest's home screen, warm, all middleware on", measured)
        })
    }

    /// The public part is warm, the viewer's own part is fetched each time.
    async fn signed_in(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let gateway = self.gateway(face, &core.address, &[]).await?;
        let target = Target {
            headers: vec![("authorization", TOKEN.to_owned())],
            ..gateway.target(face.book())
        };
        let measured = self
            .beside_nginx(target, StatusCode::OK, &[&gateway, &core])
            .await?;
        stop([gateway, core]).await;
        let ratio = measured[1].cpu_ratio.median;
        Ok(Report {
            goals: vec![Goal::at_most(
                4.0,
                "CPU with the core, of nginx's static file",
                ratio,
            )],
            ..report(
                case,
                "a reader's page of a book: the book is warm, their own part is fetched",
                measured,
            )
        })
    }

    /// The client has the answer already.
    async fn not_modified(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let gateway = self.gateway(face, &core.address, &[]).await?;
        let fresh = gateway.target(face.home());
        let tag = self.ask(&fresh, StatusCode::OK).await?.tag()?;
        let target = Target {
            headers: vec![("if-none-match", tag)],
            ..fresh
        };
        let measured = self
            .beside_nginx(target, StatusCode::NOT_MODIFIED, &[&gateway, &core])
            .await?;
        stop([gateway, core]).await;
        let ratio = measured[1].cpu_ratio.median;
        Ok(Report {
            goals: vec![Goal::at_most(0.9, "CPU of a 304, of nginx's 200", ratio)],
            ..report(
                case,
                "a guest's home screen, which the client has already",
                measured,
            )
        })
    }

    /// Three calls to the core for every screen.
    async fn cold(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let gateway = self.gateway(face, &core.address, &NOTHING_KEPT).await?;
        let measured = self
            .beside_nginx(gateway.target(face.home()), StatusCode::OK, &[&gateway, &core])
            .await?;
        stop([gateway, core]).await;
        let limit = match face {
            Face::Mobile => 4.0,
            Face::Web => 6.0,
        };
        let ratio = measured[1].cpu_ratio.median;
        Ok(Report {
            goals: vec![Goal::at_most(
                limit,
                "CPU with the core, of nginx's static file",
                ratio,
            )],
            ..report(
                case,
                "a guest's home screen of three calls, nothing kept, the core answers from memory",
                measured,
            )
        })
    }

    /// Holds a target against nginx with a file of the same bytes.
    async fn beside_nginx(
        &self,
        target: Target,
        status: StatusCode,
        servers: &[&Server],
    ) -> anyhow::Result<Vec<Measured>> {
        let plain = Target {
            headers: target
                .headers
                .iter()
                .filter(|(name, _)| *name != "if-none-match")
                .cloned()
                .collect(),
            ..target.clone()
        };
        let page = self.ask(&plain, StatusCode::OK).await?;
        page.is_whole()?;
        let body_bytes = self.ask(&target, status).await?.body.len();
        let nginx = self.nginx(&page).await?;
        let subjects = [
            Subject {
                name: "nginx, static",
                target: nginx.target("/page"),
                programs: vec![&nginx.program],
                body_bytes: page.body.len(),
            },
            Subject {
                name: "triptych",
                target,
                programs: servers.iter().map(|server| &server.program).collect(),
                body_bytes,
            },
        ];
        let measured = rounds::run(&subjects, self.plan, self.folder.path()).await;
        nginx.stop().await;
        measured
    }
}

fn report(case: String, about: &'static str, measured: Vec<Measured>) -> Report {
    Report {
        case,
        about,
        measured,
        facts: BTreeMap::new(),
        goals: Vec::new(),
    }
}

async fn stop<const N: usize>(servers: [Server; N]) {
    for server in servers {
        server.stop().await;
    }
}

//! The cases: what is held against what, and what is to be reached.

use std::{collections::BTreeMap, time::Duration};

use reqwest::StatusCode;

use super::{
    LOAD_CPU, Stage,
    load::{self, Target},
    program::Program,
    report::{Goal, Report},
    rounds::{self, Measured, Spread, Subject},
    servers::{Face, Server},
};

/// Nothing is kept, so that every screen asks the core.
pub(super) const NOTHING_KEPT: [(&str, &str); 1] = [("TRIPTYCH_CACHE__MAX_BYTES", "0")];
/// Clients that ask at the same time where it is about memory.
const MANY_CONNECTIONS: usize = 256;
/// What a gateway may take there …
const GATEWAY_BYTES: u64 = 30_000_000;
/// … and what it may keep beside that.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// A token as clients have it; the core of memory takes any.
pub(super) const TOKEN: &str =
    "Bearer a-token-of-the-bench-as-long-as-ours-are-0123456789abcdef0123456789abcdef";

/// One case.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Anonymous(Face),
    SignedIn(Face),
    NotModified(Face),
    Cold(Face),
    Database(Database, Face),
    Memory(Face),
    Start(Face),
    Size(Face),
    Users,
    Replicas,
}

/// A database of the real core.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Database {
    Sqlite,
    Postgres,
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
                Self::Database(Database::Sqlite, face),
                Self::Database(Database::Postgres, face),
                Self::Memory(face),
                Self::Start(face),
                Self::Size(face),
            ]
        };
        let faces = [Face::Mobile, Face::Web].into_iter().flat_map(of);
        faces.chain([Self::Users, Self::Replicas]).collect()
    }

    /// What it is called on the command line.
    pub(super) fn name(&self) -> String {
        let (what, face) = match self {
            Self::Anonymous(face) => ("anonymous", face),
            Self::SignedIn(face) => ("signed-in", face),
            Self::NotModified(face) => ("not-modified", face),
            Self::Cold(face) => ("cold", face),
            Self::Database(Database::Sqlite, face) => ("sqlite", face),
            Self::Database(Database::Postgres, face) => ("postgres", face),
            Self::Memory(face) => ("memory", face),
            Self::Start(face) => ("start", face),
            Self::Size(face) => ("size", face),
            Self::Users => ("users", &Face::Mobile),
            Self::Replicas => ("replicas", &Face::Mobile),
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
            Self::Database(database, face) => stage.database(name, database, face).await,
            Self::Memory(face) => stage.memory(name, face).await,
            Self::Start(face) => stage.start_to_ready(name, face).await,
            Self::Size(face) => stage.size(name, face).await,
            Self::Users => stage.users(name, Face::Mobile).await,
            Self::Replicas => stage.replicas(name).await,
        }
    }
}

impl Stage {
    /// A screen that is the same for everybody, asked for again and again.
    async fn anonymous(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let gateway = self.gateway(face, &core.address, &[]).await?;
        let measured = self
            .beside_nginx(
                gateway.target(face.home()),
                StatusCode::OK,
                &[&gateway.program, &core.program],
            )
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
            .beside_nginx(target, StatusCode::OK, &[&gateway.program, &core.program])
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
            .beside_nginx(
                target,
                StatusCode::NOT_MODIFIED,
                &[&gateway.program, &core.program],
            )
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
        let target = gateway.target(face.home());
        let page = self.ask(&target, StatusCode::OK).await?;
        page.is_whole()?;
        let nginx = self.nginx(&page).await?;
        let others = self.peers(face, &core.address, &page).await?;
        let mut subjects = vec![
            Subject::new("nginx, static", nginx.target("/page"), &[&nginx], page.body.len()),
            Subject::new("triptych", target, &[&gateway, &core], page.body.len()),
        ];
        subjects.extend(others.iter().map(|other| other.subject(&core)));
        let measured = rounds::run(&subjects, self.plan, self.folder.path()).await?;
        let ours = &measured[1];
        let of_others = others.iter().zip(&measured[2..]);
        let of_others: Vec<Goal> = of_others
            .map(|(other, theirs)| other.goal(ours, theirs))
            .collect();
        stop([nginx, gateway, core]).await;
        stop(others.into_iter().map(|other| other.server)).await;
        let limit = match face {
            Face::Mobile => 4.0,
            Face::Web => 6.0,
        };
        let of_nginx = Goal::at_most(
            limit,
            "CPU with the core, of nginx's static file",
            ours.cpu_ratio.median,
        );
        Ok(Report {
            goals: [of_nginx].into_iter().chain(of_others).collect(),
            ..report(
                case,
                "a guest's home screen of three calls, nothing kept, the core answers from memory",
                measured,
            )
        })
    }

    /// The same from a database.
    async fn database(&self, case: String, database: Database, face: Face) -> anyhow::Result<Report> {
        let about = "a guest's home screen of three calls, nothing kept, the real core with its demo data";
        let postgres = match database {
            Database::Sqlite => None,
            Database::Postgres => match self.postgres()? {
                Some(postgres) => Some(postgres),
                None => return Ok(report(case, "left out: no PostgreSQL was given", Vec::new())),
            },
        };
        let url = match &postgres {
            Some((url, _)) => url.clone(),
            None => format!(
                "sqlite://{}?mode=rwc",
                self.folder.path().join("bench.db").display()
            ),
        };
        let core = self.core(&url, "info").await?;
        let gateway = self.gateway(face, &core.address, &NOTHING_KEPT).await?;
        let mut programs = vec![&gateway.program, &core.program];
        programs.extend(postgres.as_ref().map(|(_, program)| program));
        let target = gateway.target(face.home());
        self.ask(&target, StatusCode::OK).await?.is_whole()?;
        let measured = self
            .beside_nginx(target.clone(), StatusCode::OK, &programs)
            .await?;
        stop([gateway, core]).await;
        let facts = self.what_it_takes(face, &url).await?;
        Ok(Report {
            facts,
            ..report(case, about, measured)
        })
    }

    /// What a gateway holds while many clients ask.
    async fn memory(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let weight = [("TRIPTYCH_CACHE__MAX_BYTES", CACHE_BYTES.to_string())];
        let settings = weight.each_ref().map(|(name, value)| (*name, value.as_str()));
        let gateway = self.gateway(face, &core.address, &settings).await?;
        let before = gateway.program.resident_bytes()?;
        let time = Duration::from_secs(self.plan.seconds.max(3) * 2);
        let wrk = load::start(
            &gateway.target(face.home()),
            MANY_CONNECTIONS,
            time,
            LOAD_CPU,
            self.folder.path(),
        )?;
        tokio::time::sleep(time.mul_f64(0.9)).await;
        let during = gateway.program.resident_bytes()?;
        load::end(wrk).await?;
        stop([gateway, core]).await;
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        Ok(Report {
            facts: BTreeMap::from([
                (
                    "resident before the first request, in MB".to_owned(),
                    megabytes(before),
                ),
                (
                    "resident under 256 connections, in MB".to_owned(),
                    megabytes(during),
                ),
            ]),
            goals: vec![Goal::at_most(
                megabytes(GATEWAY_BYTES + CACHE_BYTES),
                "MB resident, with what may be kept",
                megabytes(during),
            )],
            ..report(
                case,
                "what the gateway holds while 256 clients ask for the home screen",
                Vec::new(),
            )
        })
    }

    /// How long it takes from nothing to the first answer.
    async fn start_to_ready(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let mut took = Vec::new();
        for _ in 0..=self.plan.rounds {
            took.push(self.time_to_ready(face, &core.address).await?.as_secs_f64() * 1e3);
        }
        core.stop().await;
        // The first one read the program from the disk.
        let took = Spread::of(took.into_iter().skip(1));
        Ok(Report {
            facts: BTreeMap::from([
                (
                    "start to ready, lower quartile, in ms".to_owned(),
                    took.lower_quartile,
                ),
                ("start to ready, median, in ms".to_owned(), took.median),
                (
                    "start to ready, upper quartile, in ms".to_owned(),
                    took.upper_quartile,
                ),
            ]),
            goals: vec![Goal::at_most(150.0, "ms from start to ready", took.median)],
            ..report(
                case,
                "from the start of the process until it says that it is ready",
                Vec::new(),
            )
        })
    }

    /// Holds a target against nginx with a file of the same bytes.
    async fn beside_nginx(
        &self,
        target: Target,
        status: StatusCode,
        programs: &[&Program],
    ) -> anyhow::Result<Vec<Measured>> {
        let mut plain = target.clone();
        plain.headers.retain(|(name, _)| *name != "if-none-match");
        let page = self.ask(&plain, StatusCode::OK).await?;
        page.is_whole()?;
        let body_bytes = self.ask(&target, status).await?.body.len();
        let nginx = self.nginx(&page).await?;
        let subjects = [
            Subject::new("nginx, static", nginx.target("/page"), &[&nginx], page.body.len()),
            Subject {
                name: "triptych",
                target,
                programs: programs.to_vec(),
                body_bytes,
                connections: rounds::CONNECTIONS,
            },
        ];
        let measured = rounds::run(&subjects, self.plan, self.folder.path()).await;
        nginx.stop().await;
        measured
    }
}

pub(super) fn report(case: String, about: &'static str, measured: Vec<Measured>) -> Report {
    Report {
        case,
        about,
        measured,
        facts: BTreeMap::new(),
        goals: Vec::new(),
    }
}

pub(super) async fn stop(servers: impl IntoIterator<Item = Server>) {
    for server in servers {
        server.stop().await;
    }
}

//! What the cost grows with: the length of a list, how many ask, and how many gateways there are.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    Stage,
    cases::{NOTHING_KEPT, TOKEN, report, stop},
    load::Target,
    report::Report,
    rounds::{self, Subject},
    servers::{Face, Server},
};

/// How long a list is.
const LENGTHS: [(&str, usize); 3] = [("5 books", 5), ("20 books", 20), ("100 books", 100)];
/// The same where nothing is kept.
const LENGTHS_COLD: [&str; 3] = ["5, nothing kept", "20, nothing kept", "100, nothing kept"];
/// How many readers there are, each with a token of their own.
const READERS: [(&str, usize); 3] = [
    ("1 reader", 1),
    ("1,000 readers", 1_000),
    ("100,000 readers", 100_000),
];
/// How many guests ask at the same time.
const GUESTS: [(&str, usize); 3] = [("32 guests", 32), ("256 guests", 256), ("1,000 guests", 1_000)];
/// How many gateways hear of each write.
const GATEWAYS: [(&str, usize); 3] = [("1 gateway", 1), ("4 gateways", 4), ("8 gateways", 8)];
/// Clients that write at the same time: fewer than there are posts, so that no like is put and taken away at once.
const WRITERS: usize = 16;
/// Who signs in to write; one of the demo data.
const WRITER: [&str; 2] = ["demo@triptych.example", "demo-password"];

impl Stage {
    /// A list of books, kept and not, with more and more of them.
    pub(super) async fn size(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let kept = self.gateway(face, &core.address, &[]).await?;
        let cold = self.gateway(face, &core.address, &NOTHING_KEPT).await?;
        let mut subjects = Vec::new();
        let names = LENGTHS.into_iter().zip(LENGTHS_COLD);
        let warm_ones = names.clone().map(|((name, length), _)| (name, length, &kept));
        let cold_ones = names.map(|((_, length), name)| (name, length, &cold));
        for (name, length, gateway) in warm_ones.chain(cold_ones) {
            let target = gateway.target(&format!("{}?first={length}", face.books()));
            let bytes = self.ask(&target, StatusCode::OK).await?.body.len();
            subjects.push(Subject::new(name, target, &[gateway, &core], bytes));
        }
        let measured = rounds::run(&subjects, self.plan, self.folder.path()).await?;
        drop(subjects);
        stop([kept, cold, core]).await;
        let about = "a list of books with more and more of them, kept and made anew each time";
        Ok(report(case, about, measured))
    }

    /// A reader's page of a book, for more and more readers who take turns, and a page that is kept, for more and more
    /// guests who ask at once.
    pub(super) async fn users(&self, case: String, face: Face) -> anyhow::Result<Report> {
        let core = self.memory_core().await?;
        let mut crowds = Vec::new();
        for (name, readers) in READERS {
            let gateway = self.gateway(face, &core.address, &[]).await?;
            let target = Target {
                headers: vec![("authorization", TOKEN.to_owned())],
                script: each_with_a_token(readers),
                ..gateway.target(face.book())
            };
            crowds.push((name, rounds::CONNECTIONS, gateway, target));
        }
        for (name, guests) in GUESTS {
            let gateway = self.gateway(face, &core.address, &[]).await?;
            let target = gateway.target(face.home());
            crowds.push((name, guests, gateway, target));
        }
        let mut subjects = Vec::new();
        for (name, connections, gateway, target) in &crowds {
            let bytes = self.ask(target, StatusCode::OK).await?.body.len();
            subjects.push(Subject {
                connections: *connections,
                ..Subject::new(name, target.clone(), &[gateway, &core], bytes)
            });
        }
        let measured = rounds::run(&subjects, self.plan, self.folder.path()).await?;
        drop(subjects);
        let mut facts = BTreeMap::new();
        for (name, _, gateway, _) in crowds {
            let bytes = gateway.program.resident_bytes()?;
            facts.insert(format!("MB resident with {name}"), bytes as f64 / 1e6);
            gateway.stop().await;
        }
        core.stop().await;
        let about = "a reader's page for readers who take turns, and a kept page for guests who ask at once";
        Ok(Report {
            facts,
            ..report(case, about, measured)
        })
    }

    /// A write through one gateway, of which more and more of them hear.
    pub(super) async fn replicas(&self, case: String) -> anyhow::Result<Report> {
        let mut clusters = Vec::new();
        for (name, gateways) in GATEWAYS {
            let database = self.folder.path().join(format!("followed-by-{gateways}.db"));
            let url = format!("sqlite://{}?mode=rwc", database.display());
            let core = self.core(&url, "info").await?;
            let mut servers = Vec::new();
            for _ in 0..gateways {
                servers.push(self.gateway(Face::Mobile, &core.address, &[]).await?);
            }
            let target = self.likes(&servers[0]).await?;
            clusters.push((name, core, servers, target));
        }
        let subjects: Vec<Subject<'_>> = clusters
            .iter()
            .map(|(name, core, gateways, target)| {
                let programs: Vec<&Server> = gateways.iter().take(2).chain([core]).collect();
                Subject {
                    connections: WRITERS,
                    ..Subject::new(name, target.clone(), &programs, 0)
                }
            })
            .collect();
        let measured = rounds::run(&subjects, self.plan, self.folder.path()).await?;
        drop(subjects);
        for (_, core, gateways, _) in clusters {
            for server in gateways {
                server.stop().await;
            }
            core.stop().await;
        }
        let about = "a like put or taken away through the first gateway: that one, one of the others, and the core (SQLite)";
        Ok(report(case, about, measured))
    }

    /// Likes that somebody puts on the posts of the demo data and takes away again.
    async fn likes(&self, gateway: &Server) -> anyhow::Result<Target> {
        let [email, password] = WRITER;
        let login = self.http.post(format!("{}/v1/auth/login", gateway.address));
        let login = login.json(&json!({ "email": email, "password": password }));
        let session: Value = login.send().await?.error_for_status()?.json().await?;
        let token = session["accessToken"].as_str().context("no access token")?;
        let posts = gateway.target("/v1/posts?first=100");
        let posts = self.ask(&posts, StatusCode::OK).await?;
        let posts: Value = serde_json::from_slice(&posts.body)?;
        let slugs = posts["items"].as_array().context("no posts")?.iter();
        let slugs: Vec<&str> = slugs.filter_map(|post| post["slug"].as_str()).collect();
        ensure!(slugs.len() > WRITERS, "too few posts: {}", slugs.len());
        Ok(Target {
            headers: vec![("authorization", format!("Bearer {token}"))],
            script: put_and_take_away(&slugs),
            ..gateway.target("/")
        })
    }
}

/// Lua for wrk: any of so many tokens each time. One after the other would begin with the same ones in every round.
fn each_with_a_token(readers: usize) -> String {
    format!(
        "math.randomseed(os.time())
request = function()
   wrk.headers['authorization'] = '{TOKEN}' .. math.random({readers})
   return wrk.format()
end
"
    )
}

/// Lua for wrk: likes each of these posts, then likes each of them no longer.
fn put_and_take_away(slugs: &[&str]) -> String {
    format!(
        "local slugs, asked = {{'{}'}}, 0
request = function()
   local slug, turn = slugs[asked % #slugs + 1], math.floor(asked / #slugs)
   asked = asked + 1
   return wrk.format(turn % 2 == 0 and 'PUT' or 'DELETE', '/v1/posts/' .. slug .. '/like')
end
",
        slugs.join("', '")
    )
}

//! A whole cluster for one test: a database of its own, the core, the three gateways.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_kit::client::Client;
use test_kit::{Held, TestDatabase};

use crate::badge::Badge;
use crate::line::Line;
use crate::ports;
use crate::program::{self, Program, binary, in_time};

/// Settings that are other than usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct Changed<'a> {
    /// Of the browser's gateway.
    pub web: &'a [(&'static str, &'a str)],
    /// Of all gateways.
    pub gateways: &'a [(&'static str, &'a str)],
    /// Of the core.
    pub core: &'a [(&'static str, &'a str)],
    /// Whether nobody waits for longer than by default. Else they do, for a machine that does much besides.
    pub impatient: bool,
}

/// How long a request to a gateway and a call to the core may take on a machine that does much besides.
const PATIENT: [(&str, &str); 4] = [
    ("TRIPTYCH_SERVER__READ_DEADLINE", "20s"),
    ("TRIPTYCH_SERVER__WRITE_DEADLINE", "20s"),
    ("TRIPTYCH_CORE__READ_TIMEOUT", "15s"),
    ("TRIPTYCH_CORE__WRITE_TIMEOUT", "15s"),
];

/// Somebody whom the demo data knows.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// What they sign in with.
    pub email: &'static str,
    /// The word that only they know, and everybody who reads the seeders.
    pub password: &'static str,
}

/// Keeps the shop; may use all three faces.
pub const STAFF: Account = Account {
    email: "staff@triptych.example",
    password: "demo-password",
};
/// Reads and writes; may use web and mobile.
pub const READER: Account = Account {
    email: "demo@triptych.example",
    password: "demo-password",
};

const NEWCOMER_PASSWORD: &str = "a password of nobody else";

/// Somebody who came after the demo data.
pub struct Newcomer {
    /// Their name.
    pub username: String,
    /// The browser's gateway, asked by them.
    pub web: Client,
    /// The phone's gateway, asked by them.
    pub mobile: Client,
    /// What they bear there, for as long as a test takes.
    pub badge: Badge,
}

/// A running cluster with the demo data. All of it goes when this is dropped.
pub struct Cluster {
    /// The business.
    pub core: Program,
    /// The gateway of the browser.
    pub web: Program,
    /// The gateway of the phone.
    pub mobile: Program,
    /// The gateway of the shop's staff.
    pub desktop: Program,
    // Dropped after the processes that use them.
    database: TestDatabase,
    folder: TempDir,
}

impl Cluster {
    /// Migrates, seeds, starts all four processes and waits until they are ready.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same, with other settings of the browser's gateway than usual.
    pub async fn start_with(web: &[(&'static str, &str)]) -> Self {
        Self::start_as(Changed {
            web,
            ..Changed::default()
        })
        .await
    }

    /// The same, with other settings than usual.
    pub async fn start_as(changed: Changed<'_>) -> Self {
        let database = TestDatabase::copy_of(&schema_and_seeds(), async |url| {
            program::run("core-service", &["migrate", "up"], url).await?;
            program::run("core-service", &["seed"], url).await?;
            Ok(())
        })
        .await;
        let folder = tempfile::tempdir().expect("a folder for the logs");
        let [
            core,
            core_admin,
            web,
            web_admin,
            mobile,
            mobile_admin,
            desktop,
            desktop_admin,
        ] = ports::eight();
        let place = folder.path();
        let (grpc, server) = ("TRIPTYCH_GRPC__LISTEN", "TRIPTYCH_SERVER__LISTEN");
        let secret = |name: &str| format!("{name}-secret-that-only-this-test-knows");
        let mut known_to_core = vec![
            ("DATABASE_URL", database.url().to_owned()),
            // Servers of tests are fast rather than safe.
            ("TRIPTYCH_DATABASE__REQUIRE_FSYNC", "false".to_owned()),
            ("TRIPTYCH_SESSION__SECRET", secret("session")),
            ("TRIPTYCH_SESSION__TRIES_PER_ACCOUNT", "1000000".to_owned()),
            ("TRIPTYCH_SESSION__TRIES_PER_ADDRESS", "1000000".to_owned()),
            ("TRIPTYCH_SESSION__TRIES_IN_ALL", "1000000".to_owned()),
            ("TRIPTYCH_GATEWAYS__WEB__SECRET", secret("web")),
            ("TRIPTYCH_GATEWAYS__MOBILE__SECRET", secret("mobile")),
            ("TRIPTYCH_GATEWAYS__DESKTOP__SECRET", secret("desktop")),
        ];
        let (patient_core, patient) = match changed.impatient {
            true => ([].as_slice(), [].as_slice()),
            false => ([("TRIPTYCH_GRPC__TIMEOUT", "20s")].as_slice(), PATIENT.as_slice()),
        };
        known_to_core.extend(owned(patient_core));
        known_to_core.extend(owned(changed.core));
        let known_to = |gateway: &str| {
            let mut known = vec![
                ("TRIPTYCH_CORE__URL", format!("http://127.0.0.1:{core}")),
                ("TRIPTYCH_CORE__SECRET", secret(gateway)),
                // All tests call from one address, as fast as they can; and nobody has to notice the end.
                ("TRIPTYCH_RATE_LIMIT__PER_SESSION", "0".to_owned()),
                ("TRIPTYCH_RATE_LIMIT__PER_ADDRESS", "0".to_owned()),
                ("TRIPTYCH_SERVER__LINGER", "0ms".to_owned()),
            ];
            known.extend(owned(patient));
            known.extend(owned(changed.gateways));
            known
        };
        let mut known_to_web = known_to("web");
        known_to_web.extend(owned(changed.web));
        let mut cluster = Self {
            core: Program::new("core-service", place, (grpc, core), core_admin, known_to_core),
            web: Program::new("bff-web", place, (server, web), web_admin, known_to_web),
            mobile: Program::new(
                "bff-mobile",
                place,
                (server, mobile),
                mobile_admin,
                known_to("mobile"),
            ),
            desktop: Program::new(
                "bff-desktop",
                place,
                (server, desktop),
                desktop_admin,
                known_to("desktop"),
            ),
            database,
            folder,
        };
        cluster.all().for_each(Program::launch);
        for program in cluster.all() {
            program.ready().await;
        }
        cluster
    }

    /// Starts another process of a gateway, as behind a load balancer.
    pub async fn replica_of(&self, gateway: &Program) -> Program {
        let [port, admin_port, ..] = ports::eight();
        let mut replica = gateway.replica(self.folder.path(), port, admin_port);
        replica.start().await;
        replica
    }

    /// The same, over a line to the core that can be cut.
    pub async fn replica_over(&self, line: &Line, gateway: &Program) -> Program {
        let [port, admin_port, ..] = ports::eight();
        let mut replica = gateway.replica(self.folder.path(), port, admin_port);
        replica.changes("TRIPTYCH_CORE__URL", format!("http://{}", line.address()));
        replica.start().await;
        replica
    }

    /// All four, the core first.
    pub fn all(&mut self) -> impl Iterator<Item = &mut Program> {
        [&mut self.core, &mut self.web, &mut self.mobile, &mut self.desktop].into_iter()
    }

    /// Runs the core's program with these words beside the cluster, as an operator would; gives what it wrote.
    pub async fn operate(&self, words: &[&str]) -> String {
        let written = program::run("core-service", words, self.database.url()).await;
        written.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// Where the database is, for whoever types commands of the core.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Changes the database behind everybody's back.
    pub async fn sabotage(&self, sql: &'static str) {
        self.database.execute(sql).await;
    }

    /// The number that a query gives, asked behind everybody's back.
    pub async fn number(&self, sql: &'static str) -> i64 {
        self.database.number(sql).await
    }

    /// Runs a statement in a transaction that stays open for as long as what this gives is kept. PostgreSQL only.
    pub async fn hold(&self, sql: &'static str) -> Held {
        self.database.hold(sql).await
    }

    /// Writes a file that lives as long as the cluster.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file in a folder of its own");
        path
    }

    /// Somebody who has just registered, and is signed in on web and mobile.
    pub async fn newcomer(&self) -> Newcomer {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (username, email) = (
            format!("newcomer{number}"),
            format!("newcomer{number}@example.test"),
        );
        let user = json!({"username": username, "email": email, "password": NEWCOMER_PASSWORD});
        let registered = self
            .web
            .guest()
            .post("/api/users", json!({"user": user}))
            .await
            .ok();
        let web = bearing(self.web.guest(), &registered["user"]);
        let guest = self.mobile.guest();
        let badge = Badge::of(guest.clone(), tokens(guest, &email, NEWCOMER_PASSWORD).await);
        Newcomer {
            username,
            web,
            mobile: badge.at(guest),
            badge,
        }
    }

    /// The browser's gateway, asked by this person.
    pub async fn web_as(&self, account: Account) -> Client {
        let body = json!({"user": {"email": account.email, "password": account.password}});
        let guest = self.web.guest();
        let known = in_time(guest, guest.request(Method::POST, "/api/users/login").json(&body)).await;
        bearing(guest, &known.ok()["user"])
    }

    /// The phone's gateway, asked by this person.
    pub async fn mobile_as(&self, account: Account) -> Client {
        signed_in(self.mobile.guest(), account.email, account.password).await
    }

    /// What this person bears at the staff's gateway, for as long as a test takes.
    pub async fn badge_of(&self, account: Account) -> Badge {
        let guest = self.desktop.guest();
        Badge::of(
            guest.clone(),
            tokens(guest, account.email, account.password).await,
        )
    }

    /// The staff's gateway, asked by this person.
    pub async fn desktop_as(&self, account: Account) -> Client {
        signed_in(self.desktop.guest(), account.email, account.password).await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for program in [&self.core, &self.web, &self.mobile, &self.desktop] {
                program.print_log();
            }
        }
    }
}

fn owned<'a>(settings: &'a [(&'static str, &'a str)]) -> impl Iterator<Item = (&'static str, String)> + 'a {
    settings.iter().map(|(name, value)| (*name, (*value).to_owned()))
}

async fn tokens(guest: &Client, email: &str, password: &str) -> Value {
    let body = json!({"email": email, "password": password, "device": "a test"});
    let request = guest.request(Method::POST, "/v1/auth/login").json(&body);
    in_time(guest, request).await.ok()
}

async fn signed_in(guest: &Client, email: &str, password: &str) -> Client {
    let tokens = tokens(guest, email, password).await;
    guest.bearing(tokens["accessToken"].as_str().expect("an access token"))
}

fn bearing(guest: &Client, answer: &Value) -> Client {
    guest.bearing(answer["token"].as_str().expect("a token"))
}

/// Changes whenever the program does that migrates and seeds.
fn schema_and_seeds() -> String {
    let changed = |path: &Path| {
        path.metadata()
            .and_then(|file| Ok((file.len(), file.modified()?)))
    };
    let mut hasher = DefaultHasher::new();
    changed(&binary("core-service"))
        .expect("the program can be looked at")
        .hash(&mut hasher);
    format!("e2e{:016x}", hasher.finish())
}

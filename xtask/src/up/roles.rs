//! The four processes: what each is started with.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::ports::{Pair, Ports, loopback};
use crate::workspace;

/// One process of the cluster.
#[derive(Clone)]
pub struct Role {
    /// The word before its log lines.
    pub name: &'static str,
    /// The ANSI colour of that word.
    pub colour: u8,
    /// Its program.
    pub program: PathBuf,
    /// Its settings.
    pub environment: Vec<(&'static str, String)>,
    /// Where it says whether it is ready.
    pub admin: SocketAddr,
    /// Whether clients talk to it; those stop before the one that they need.
    pub gateway: bool,
}

/// All four, the core first.
pub fn all(ports: &Ports, database_url: &str, release: bool) -> anyhow::Result<Vec<Role>> {
    let core_url = format!("http://{}", loopback(ports.core.listen));
    let core = role(
        "core",
        36,
        "core-service",
        ports.core,
        ("DATABASE_URL", database_url.to_owned()),
        release,
    )?;
    let mut roles = vec![Role {
        gateway: false,
        ..core
    }];
    for (name, colour, package, pair) in [
        ("web", 32, "bff-web", ports.web),
        ("mobile", 33, "bff-mobile", ports.mobile),
        ("desktop", 35, "bff-desktop", ports.desktop),
    ] {
        roles.push(role(
            name,
            colour,
            package,
            pair,
            ("TRIPTYCH_CORE__URL", core_url.clone()),
            release,
        )?);
    }
    Ok(roles)
}

fn role(
    name: &'static str,
    colour: u8,
    package: &str,
    pair: Pair,
    setting: (&'static str, String),
    release: bool,
) -> anyhow::Result<Role> {
    let listen = if package == "core-service" {
        "TRIPTYCH_GRPC__LISTEN"
    } else {
        "TRIPTYCH_SERVER__LISTEN"
    };
    Ok(Role {
        name,
        colour,
        program: workspace::binary(package, release)?,
        environment: vec![
            (listen, loopback(pair.listen).to_string()),
            ("TRIPTYCH_ADMIN__LISTEN", loopback(pair.admin).to_string()),
            setting,
        ],
        admin: loopback(pair.admin),
        gateway: true,
    })
}

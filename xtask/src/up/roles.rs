//! The four processes: what each is started with.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::certificates::Certificates;
use super::ports::{Pair, Ports, loopback};
use super::secrets;
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
    let core_url = format!("https://{}", loopback(ports.core.listen));
    let certificates = Certificates::fresh()?;
    let mut known_to_core = vec![
        ("DATABASE_URL", database_url.to_owned()),
        // Servers that people develop with are fast rather than safe.
        ("TRIPTYCH_DATABASE__REQUIRE_FSYNC", "false".to_owned()),
        ("TRIPTYCH_SESSION__SECRET", secrets::of_sessions()?),
    ];
    known_to_core.extend(certificates.for_core());
    let core = role("core", 36, "core-service", ports.core, known_to_core, release)?;
    let mut roles = vec![Role {
        gateway: false,
        ..core
    }];
    let gateways = [
        ("web", 32, "bff-web", ports.web),
        ("mobile", 33, "bff-mobile", ports.mobile),
        ("desktop", 35, "bff-desktop", ports.desktop),
    ];
    for (name, colour, package, pair) in gateways {
        let mut settings = vec![("TRIPTYCH_CORE__URL", core_url.clone())];
        settings.extend(certificates.for_gateway(package));
        roles.push(role(name, colour, package, pair, settings, release)?);
    }
    Ok(roles)
}

fn role(
    name: &'static str,
    colour: u8,
    package: &str,
    pair: Pair,
    settings: Vec<(&'static str, String)>,
    release: bool,
) -> anyhow::Result<Role> {
    let listen = if package == "core-service" {
        "TRIPTYCH_GRPC__LISTEN"
    } else {
        "TRIPTYCH_SERVER__LISTEN"
    };
    let mut environment = settings;
    environment.push((listen, loopback(pair.listen).to_string()));
    environment.push(("TRIPTYCH_ADMIN__LISTEN", loopback(pair.admin).to_string()));
    Ok(Role {
        name,
        colour,
        program: workspace::binary(package, release)?,
        environment,
        admin: loopback(pair.admin),
        gateway: true,
    })
}

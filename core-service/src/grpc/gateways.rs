//! Which gateway is calling: by the name in its certificate, or by the secret that it sends with each call.

use std::sync::Arc;

use http::{Extensions, HeaderMap};
use rustls_pki_types::{CertificateDer, ServerName};
use sha2::{Digest, Sha256};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use webpki::EndEntityCert;

use crate::error::{Error, Result};
use crate::models::session::Client;
use crate::settings::GatewaysSettings;

/// How many bytes a secret has at least.
const BYTES_AT_LEAST: usize = 32;
/// The metadata that carries a gateway's secret.
const SECRET: &str = "x-gateway-secret";

/// The gateways that are known here.
#[derive(Clone, Debug)]
pub(super) struct Gateways {
    /// Hashes of the secrets: comparing them tells nothing about how much of a guess was right.
    secrets: Arc<[(Client, [u8; 32])]>,
}

impl Gateways {
    /// Refuses secrets that are short, or the same for two gateways; and none at all, unless certificates are there.
    pub(super) fn new(settings: &GatewaysSettings, certificates: bool) -> anyhow::Result<Self> {
        let named = [
            (Client::Web, "web", &settings.web.secret),
            (Client::Mobile, "mobile", &settings.mobile.secret),
            (Client::Desktop, "desktop", &settings.desktop.secret),
        ];
        let mut secrets = Vec::new();
        for (gateway, name, secret) in named.into_iter().filter(|(_, _, secret)| !secret.is_empty()) {
            anyhow::ensure!(
                secret.len() >= BYTES_AT_LEAST,
                "gateways.{name}.secret has to have at least {BYTES_AT_LEAST} characters"
            );
            let hash: [u8; 32] = Sha256::digest(secret).into();
            anyhow::ensure!(
                secrets.iter().all(|(_, known)| *known != hash),
                "gateways.{name}.secret is another gateway's already"
            );
            secrets.push((gateway, hash));
        }
        anyhow::ensure!(
            certificates || !secrets.is_empty(),
            "gateways.web.secret, gateways.mobile.secret and gateways.desktop.secret are all empty, and so is grpc.tls: \
             nobody could call; `cargo xtask up` sets them by itself"
        );
        Ok(Self {
            secrets: secrets.into(),
        })
    }

    /// The gateway that a call comes from.
    pub(super) fn name(&self, headers: &HeaderMap, connection: &Extensions) -> Result<Client> {
        if let Some(tls) = connection.get::<TlsConnectInfo<TcpConnectInfo>>() {
            // The authority has been checked already, when the connection was made.
            let certificates = tls.peer_certs().ok_or(Error::GatewayUnknown)?;
            let certificate = certificates.first().ok_or(Error::GatewayUnknown)?;
            return named_in(certificate).ok_or(Error::GatewayUnknown);
        }
        let sent = headers.get(SECRET).ok_or(Error::GatewayUnknown)?;
        let sent: [u8; 32] = Sha256::digest(sent.as_bytes()).into();
        let known = self.secrets.iter().find(|(_, secret)| *secret == sent);
        known.map(|(gateway, _)| *gateway).ok_or(Error::GatewayUnknown)
    }
}

/// The gateway whose name a certificate is for.
fn named_in(certificate: &CertificateDer<'_>) -> Option<Client> {
    let certificate = EndEntityCert::try_from(certificate).ok()?;
    let names = [
        (Client::Web, "bff-web"),
        (Client::Mobile, "bff-mobile"),
        (Client::Desktop, "bff-desktop"),
    ];
    let is_for = |name: &'static str| {
        ServerName::try_from(name)
            .is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    };
    let found = names.into_iter().find(|(_, name)| is_for(name));
    found.map(|(gateway, _)| gateway)
}

//! Which gateway is calling: by the secret that it sends with each call.

use std::sync::Arc;

use http::HeaderMap;
use sha2::{Digest, Sha256};

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
    /// Refuses secrets that are short, or the same for two gateways, or none at all.
    pub(super) fn new(settings: &GatewaysSettings) -> anyhow::Result<Self> {
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
            !secrets.is_empty(),
            "gateways.web.secret, gateways.mobile.secret and gateways.desktop.secret are all empty, so nobody could \
             call; `cargo xtask up` sets them by itself"
        );
        Ok(Self {
            secrets: secrets.into(),
        })
    }

    /// The gateway that a call comes from.
    pub(super) fn name(&self, headers: &HeaderMap) -> Result<Client> {
        let sent = headers.get(SECRET).ok_or(Error::GatewayUnknown)?;
        let sent: [u8; 32] = Sha256::digest(sent.as_bytes()).into();
        let known = self.secrets.iter().find(|(_, secret)| *secret == sent);
        known.map(|(gateway, _)| *gateway).ok_or(Error::GatewayUnknown)
    }
}

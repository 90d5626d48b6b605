//! A sign-in that is under way. Whoever began it keeps it, sealed: the core remembers none.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::super::secrets::{derive, keyed};
use super::refused;
use crate::error::{Error, Result};
use crate::models::now;
use crate::models::session::Client;
use crate::settings::SessionSettings;
use crate::validators::oidc::Completion;

/// How long somebody may take at the provider.
const LIFETIME: Duration = Duration::from_secs(600);

/// What has to be the same at the end as at the beginning.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    gateway: String,
    /// Where the browser comes back to.
    pub(super) redirect_uri: String,
    /// What only whoever knows the verifier can complete.
    pub(super) code_challenge: String,
    /// What the provider sends back with the browser.
    pub(super) state: String,
    /// What the provider signs.
    pub(super) nonce: String,
    ends_at: i64,
}

impl Flow {
    pub(super) fn new(gateway: Client, redirect_uri: String, code_challenge: String) -> Self {
        let random = || URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Self {
            gateway: gateway.name().to_owned(),
            redirect_uri,
            code_challenge,
            state: random(),
            nonce: random(),
            ends_at: (now() + LIFETIME).unix_timestamp(),
        }
    }

    /// When it ends by itself.
    pub(super) fn ends_at(&self) -> Result<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.ends_at).map_err(Error::internal)
    }

    /// Refuses what comes back to another flow, too late, or from somebody who did not begin it.
    pub(super) fn belongs_to(&self, completion: &Completion) -> Result<()> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&completion.code_verifier));
        if self.gateway != completion.gateway.name() {
            return Err(refused("the flow began at another gateway"));
        }
        if self.ends_at()? <= now() {
            return Err(refused("the flow has ended"));
        }
        if self.state != completion.state {
            return Err(refused("the state belongs to another flow"));
        }
        if self.code_challenge != challenge {
            return Err(refused("the verifier belongs to another flow"));
        }
        Ok(())
    }
}

/// Seals flows and opens them again.
#[derive(Clone)]
pub(super) struct Flows {
    /// The newest key first, which seals; the others only open.
    keys: Vec<Hmac<Sha256>>,
}

impl Flows {
    pub(super) fn new(settings: &SessionSettings) -> anyhow::Result<Self> {
        let secrets = std::iter::once(&settings.secret).chain(&settings.previous_secrets);
        let keys = secrets.map(|secret| keyed(&derive(secret, "sign-ins under way")?));
        Ok(Self {
            keys: keys.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Seals a flow: everybody can read it, and nobody can change it.
    pub(super) fn seal(&self, flow: &Flow) -> Result<String> {
        let key = self.keys.first();
        let key = key.ok_or_else(|| Error::internal("there is no key to seal with"))?;
        let said = serde_json::to_vec(flow).map_err(Error::internal)?;
        let seal = key.clone().chain_update(&said).finalize().into_bytes();
        Ok(format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(said),
            URL_SAFE_NO_PAD.encode(seal)
        ))
    }

    /// Opens a flow that was sealed here.
    pub(super) fn open(&self, text: &str) -> Result<Flow> {
        let sealed = || {
            let (said, seal) = text.split_once('.')?;
            let said = URL_SAFE_NO_PAD.decode(said).ok()?;
            let seal = URL_SAFE_NO_PAD.decode(seal).ok()?;
            let right = |key: &Hmac<Sha256>| key.clone().chain_update(&said).verify_slice(&seal).is_ok();
            self.keys.iter().any(right).then_some(said)
        };
        let said = sealed().ok_or_else(|| refused("the flow is none of ours"))?;
        serde_json::from_slice(&said).map_err(Error::internal)
    }
}

impl std::fmt::Debug for Flows {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Flows(…)")
    }
}

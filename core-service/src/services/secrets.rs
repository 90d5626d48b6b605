//! What is derived from the one secret of the core. All replicas share it.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::idempotency::Once;
use crate::error::{Error, Result};

/// How many bytes the secret has at least.
const BYTES_AT_LEAST: usize = 32;
/// How long an idempotency key is, in bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=255;

/// Keys, each for one purpose.
#[derive(Clone)]
pub struct Secrets {
    calls: Hmac<Sha256>,
}

impl Secrets {
    /// Derives the keys.
    pub fn new(secret: &str) -> anyhow::Result<Self> {
        Ok(Self {
            calls: keyed(&derive(secret, "what a call says")?)?,
        })
    }

    /// Names a call by its idempotency key and by what it says. What it says may be a password, so the hash is one
    /// that nobody can guess at who has only the database.
    pub fn once(&self, principal_id: Option<i64>, key: &[u8], method: &str, said: &[u8]) -> Result<Once> {
        let plain = key.iter().all(u8::is_ascii_graphic);
        if !plain || !KEY_BYTES.contains(&key.len()) {
            return Err(Error::invalid(
                "idempotency_key",
                "has to have 16 to 255 letters, digits and signs, and no spaces",
            ));
        }
        let fingerprint = self
            .calls
            .clone()
            .chain_update(method)
            .chain_update([0])
            .chain_update(said);
        Ok(Once {
            principal_id: principal_id.unwrap_or_default(),
            key: String::from_utf8_lossy(key).into_owned(),
            fingerprint: fingerprint.finalize().into_bytes().to_vec(),
        })
    }
}

/// The key for one purpose, derived from a secret of the settings.
pub fn derive(secret: &str, purpose: &str) -> anyhow::Result<[u8; 32]> {
    anyhow::ensure!(
        secret.len() >= BYTES_AT_LEAST,
        "session.secret has to have at least {BYTES_AT_LEAST} characters, such as those that `openssl rand -base64 \
         32` prints; `cargo xtask up` makes one by itself"
    );
    let key = keyed(secret.as_bytes())?.chain_update(purpose);
    Ok(key.finalize().into_bytes().into())
}

/// A keyed hash.
pub(super) fn keyed(key: &[u8]) -> anyhow::Result<Hmac<Sha256>> {
    Ok(Hmac::new_from_slice(key)?)
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secrets(…)")
    }
}

//! The tokens of phones and desktops: one that is signed and short-lived, sent with each call, and one to get the next
//! pair with.
//!
//! Access tokens are JWTs (RFC 9068) signed with Ed25519, each good for one gateway. A refresh token names its session
//! and generation and proves both with a keyed hash: nothing of it is kept, and the same generation always has the
//! same token, so an answer that was lost can be given again.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::secrets::derive;
use crate::error::{Error, Result, Unauthenticated};
use crate::models::now;
use crate::models::session::Client;

/// Who makes the tokens.
const ISSUER: &str = "triptych";
/// What they are (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";
/// No token of ours is longer.
const BYTES_AT_MOST: usize = 1024;
/// How far clocks of replicas may be apart.
const LEEWAY_SECONDS: u64 = 30;

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    lifetime: Duration,
    /// The newest key first, which makes tokens; the others only read them.
    keys: Vec<Keys>,
}

#[derive(Clone)]
struct Keys {
    /// Names the key in a token's head.
    id: String,
    sign: EncodingKey,
    verify: DecodingKey,
    refresh: Hmac<Sha256>,
}

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who signed in.
    pub user_id: i64,
    /// The session.
    pub session_id: i64,
    /// The generation of the session's tokens that it is of.
    pub generation: i64,
}

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: i64,
    r#gen: i64,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Derives the keys from the core's secrets, the newest first.
    pub(super) fn new(secrets: &[&str], lifetime: Duration) -> anyhow::Result<Self> {
        let keys = secrets.iter().map(|secret| Keys::new(secret));
        Ok(Self {
            lifetime,
            keys: keys.collect::<anyhow::Result<_>>()?,
        })
    }

    /// An access token for calls through one gateway, and when it ends.
    pub(super) fn access(&self, access: Access, gateway: Client) -> Result<(String, OffsetDateTime)> {
        let (began_at, keys) = (now(), self.newest()?);
        let ends_at = began_at + self.lifetime;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: gateway.name().to_owned(),
            sub: access.user_id.to_string(),
            sid: access.session_id,
            r#gen: access.generation,
            iat: began_at.unix_timestamp(),
            exp: ends_at.unix_timestamp(),
        };
        let head = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(keys.id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&head, &claims, &keys.sign).map_err(Error::internal)?;
        Ok((token, ends_at))
    }

    /// What an access token says, if it is one of ours, for this gateway, and has not ended.
    pub(super) fn read_access(&self, token: &str, gateway: Client) -> Result<Access> {
        self.try_read(token, gateway)
            .ok_or(Error::Unauthenticated(Unauthenticated::TokenInvalid))
    }

    fn try_read(&self, token: &str, gateway: Client) -> Option<Access> {
        let head = (token.len() <= BYTES_AT_MOST).then(|| jsonwebtoken::decode_header(token))?;
        let head = head.ok()?;
        let plain = head.typ.as_deref() == Some(TYPE) && head.crit.is_none();
        let key = self
            .keys
            .iter()
            .find(|key| plain && head.kid.as_ref() == Some(&key.id))?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.leeway = LEEWAY_SECONDS;
        rules.validate_nbf = true;
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[gateway.name()]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verify, &rules)
            .ok()?
            .claims;
        Some(Access {
            user_id: claims.sub.parse().ok()?,
            session_id: claims.sid,
            generation: claims.r#gen,
        })
    }

    /// The refresh token of a session's generation.
    pub(super) fn refresh(&self, session_id: i64, generation: i64) -> Result<String> {
        let proof = proof(&self.newest()?.refresh, session_id, generation).finalize();
        let proof = URL_SAFE_NO_PAD.encode(proof.into_bytes());
        Ok(format!("{session_id}.{generation}.{proof}"))
    }

    /// The session and the generation that a refresh token is of, if it is one of ours.
    pub(super) fn read_refresh(&self, token: &str) -> Option<(i64, i64)> {
        let mut parts = token.splitn(3, '.');
        let session_id = parts.next()?.parse().ok()?;
        let generation = parts.next()?.parse().ok()?;
        let sent = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let right = |key: &Keys| {
            proof(&key.refresh, session_id, generation)
                .verify_slice(&sent)
                .is_ok()
        };
        self.keys.iter().any(right).then_some((session_id, generation))
    }

    fn newest(&self) -> Result<&Keys> {
        self.keys
            .first()
            .ok_or_else(|| Error::internal("there is no key to sign with"))
    }
}

impl Keys {
    fn new(secret: &str) -> anyhow::Result<Self> {
        let seed = derive(secret, "access tokens")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)?;
        let public = pair.public_key().as_ref();
        let id: String = Sha256::digest(public)[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            id,
            sign: EncodingKey::from_ed_der(pair.to_pkcs8()?.as_ref()),
            verify: DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(public))?,
            refresh: super::secrets::keyed(&derive(secret, "refresh tokens")?)?,
        })
    }
}

fn proof(key: &Hmac<Sha256>, session_id: i64, generation: i64) -> Hmac<Sha256> {
    key.clone()
        .chain_update(session_id.to_be_bytes())
        .chain_update(generation.to_be_bytes())
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Tokens(…)")
    }
}

//! Reading ID tokens: nothing of one is believed before all of it holds (OpenID Connect Core, section 3.1.3.7).

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;

use super::people::Profile;
use crate::models::now;

/// What may sign: never a secret that is shared, never nothing.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// How far clocks may be apart.
const LEEWAY_SECONDS: u64 = 30;
/// How old a token may be that was made for a sign-in of this moment.
const AGE_SECONDS: i64 = 600;
/// How long a subject is at most (OpenID Connect Core, section 2).
const SUBJECT_BYTES: std::ops::RangeInclusive<usize> = 1..=255;

/// What a token has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
}

/// Why a token is not believed.
pub(super) enum Refusal {
    /// No key is known by its name; the provider may have made a new one.
    UnknownKey,
    /// It does not hold.
    Invalid(String),
}

/// What a token says of its person.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    aud: serde_json::Value,
    azp: Option<String>,
    iat: i64,
    nonce: Option<String>,
    #[serde(flatten)]
    pub(super) profile: Profile,
}

/// What a token says, where all of it holds.
pub(super) fn read(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Claims, Refusal> {
    let head = jsonwebtoken::decode_header(token).map_err(|error| Refusal::Invalid(error.to_string()))?;
    if !ALGORITHMS.contains(&head.alg) || head.crit.is_some() {
        return Err(Refusal::Invalid(format!("{:?} may not sign", head.alg)));
    }
    let key = key_of(&head, keys).ok_or(Refusal::UnknownKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|error| Refusal::Invalid(error.to_string()))?;
    let mut rules = Validation::new(head.alg);
    rules.leeway = LEEWAY_SECONDS;
    rules.validate_nbf = true;
    rules.set_issuer(&[expected.issuer]);
    rules.set_audience(&[expected.client_id]);
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules)
        .map_err(|error| Refusal::Invalid(error.to_string()))?
        .claims;
    match holds(&claims, expected) {
        None => Ok(claims),
        Some(why) => Err(Refusal::Invalid(why.to_owned())),
    }
}

/// The rules that are OpenID Connect's own. What is wrong, if anything is.
fn holds(claims: &Claims, expected: &Expected<'_>) -> Option<&'static str> {
    let alone = claims.aud.as_array().is_none_or(|all| all.len() == 1);
    let age = now().unix_timestamp() - claims.iat;
    let party = claims.azp.as_deref();
    if claims.nonce.as_deref() != Some(expected.nonce) {
        Some("the nonce belongs to another flow")
    } else if party.is_some_and(|party| party != expected.client_id) || (party.is_none() && !alone) {
        Some("the token was made for another client")
    } else if !(-(LEEWAY_SECONDS as i64)..=AGE_SECONDS).contains(&age) {
        Some("the token is not of this moment")
    } else if !SUBJECT_BYTES.contains(&claims.sub.len()) {
        Some("the subject is empty or too long")
    } else {
        None
    }
}

/// The key that a token names; one that names none was signed with the only key that fits.
fn key_of<'a>(head: &Header, keys: &'a JwkSet) -> Option<&'a Jwk> {
    let fits = |key: &&Jwk| {
        let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
        let algorithm = key.common.key_algorithm;
        signs && algorithm.is_none_or(|algorithm| algorithm.to_string() == format!("{:?}", head.alg))
    };
    let mut fitting = keys.keys.iter().filter(fits);
    match &head.kid {
        Some(kid) => fitting.find(|key| key.common.key_id.as_ref() == Some(kid)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}

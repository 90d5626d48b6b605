//! The tokens that the core has accepted lately.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// For how long a token is remembered after its last request.
const MEMORY: Duration = Duration::from_secs(3600);
/// How many are remembered; further ones are charged to their address.
const MOST: usize = 200_000;

/// A token by its hash, which only this process can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Token(u64);

/// A session, however often its tokens are replaced, by a hash as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session(u64);

/// The tokens that the core has accepted lately, and whose session each is of.
#[derive(Debug, Default)]
pub(super) struct Known {
    hasher: RandomState,
    seen: Mutex<HashMap<Token, (Session, Instant)>>,
}

/// What a signed token says of its session.
#[derive(Deserialize)]
struct Claims {
    sid: i64,
}

impl Known {
    /// What a token claims: itself and its session. Worth nothing before the core has accepted it.
    pub(super) fn claim(&self, token: &[u8]) -> (Token, Session) {
        let session = match signed_session(token) {
            Some(id) => self.hasher.hash_one(id),
            None => self.hasher.hash_one(token),
        };
        (Token(self.hasher.hash_one(token)), Session(session))
    }

    /// The session of a token that is known.
    pub(super) fn session_of(&self, token: Token) -> Option<Session> {
        let mut known = self.lock();
        let (session, seen) = known.get_mut(&token)?;
        *seen = Instant::now();
        Some(*session)
    }

    /// Remembers it, where there is room.
    pub(super) fn add(&self, (token, session): (Token, Session)) {
        let mut known = self.lock();
        if known.len() < MOST {
            known.insert(token, (session, Instant::now()));
        }
    }

    /// Forgets it.
    pub(super) fn forget(&self, token: Token) {
        self.lock().remove(&token);
    }

    /// Forgets all that have not been seen for long.
    pub(super) fn sweep(&self) {
        self.lock().retain(|_, (_, seen)| seen.elapsed() < MEMORY);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Token, (Session, Instant)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The session that a signed token (a JWT) says it is of. Nobody has looked at the signature here.
fn signed_session(token: &[u8]) -> Option<i64> {
    let payload = token.split(|byte| *byte == b'.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    Some(claims.sid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(session: i64, generation: i64) -> Vec<u8> {
        let claims = format!(r#"{{"sid":{session},"gen":{generation}}}"#);
        format!("head.{}.signature", URL_SAFE_NO_PAD.encode(claims)).into_bytes()
    }

    #[test]
    fn a_session_stays_the_same_while_its_tokens_are_replaced() {
        let known = Known::default();
        let [first, next, other] =
            [signed(7, 1), signed(7, 2), signed(8, 1)].map(|token| known.claim(&token));
        assert!(first.0 != next.0 && first.1 == next.1);
        assert!(first.1 != other.1);

        known.add(first);
        assert_eq!(known.session_of(first.0), Some(first.1));
        assert_eq!(
            known.session_of(next.0),
            None,
            "the core has not accepted this one yet"
        );
    }

    #[test]
    fn a_token_that_says_nothing_is_a_session_by_itself() {
        let known = Known::default();
        for token in ["opaque", "a.b.c", "..", ""] {
            assert_ne!(
                known.claim(token.as_bytes()).1,
                known.claim(b"another").1,
                "{token}"
            );
        }
    }
}

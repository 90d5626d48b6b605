//! The sessions that the core has accepted lately.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// For how long a session is remembered after its last request.
const MEMORY: Duration = Duration::from_secs(3600);
/// How many are remembered; further ones are charged to their address.
const MOST: usize = 200_000;

/// A session by the hash of its token, which only this process can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session(u64);

/// The sessions that the core has accepted lately.
#[derive(Debug, Default)]
pub(super) struct Known {
    hasher: RandomState,
    seen: Mutex<HashMap<Session, Instant>>,
}

impl Known {
    /// The session of this token, known or not.
    pub(super) fn session(&self, token: &[u8]) -> Session {
        Session(self.hasher.hash_one(token))
    }

    /// Whether it is known.
    pub(super) fn has(&self, session: Session) -> bool {
        let mut seen = self.lock();
        let known = seen.get_mut(&session);
        known.map(|seen| *seen = Instant::now()).is_some()
    }

    /// Remembers it, where there is room.
    pub(super) fn add(&self, session: Session) {
        let mut seen = self.lock();
        if seen.len() < MOST {
            seen.insert(session, Instant::now());
        }
    }

    /// Forgets it.
    pub(super) fn forget(&self, session: Session) {
        self.lock().remove(&session);
    }

    /// Forgets all that have not been seen for long.
    pub(super) fn sweep(&self) {
        self.lock().retain(|_, seen| seen.elapsed() < MEMORY);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Session, Instant>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

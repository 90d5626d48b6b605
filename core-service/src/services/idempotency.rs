//! Calls that have their effect once, however often they arrive: the key of a call is kept in the transaction that
//! has the effect, and so is the answer.

use std::time::Duration;

use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::database::{Database, Transaction};
use crate::error::{Error, Result};
use crate::models::now;
use crate::repositories::idempotency;

/// How many old answers are forgotten in one transaction.
const FORGET_AT_MOST: u64 = 1_000;
/// How often old answers are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// What names a call that is to have its effect once.
#[derive(Clone, Debug)]
pub struct Once {
    /// Who calls; 0 for nobody in particular.
    pub principal_id: i64,
    /// What the caller calls it.
    pub key: String,
    /// What it asks for, so that a key is not used for two things.
    pub fingerprint: Vec<u8>,
}

/// Takes the key for this transaction. The answer that was given, where the same call was made before.
///
/// Somebody else who has the key at the moment is waited for. [`Error::KeyReused`] where the key was used for
/// something else, [`Error::InProgress`] where the other call takes too long.
pub async fn claim(tx: &Transaction, once: &Once) -> Result<Option<Vec<u8>>> {
    match idempotency::insert(&**tx, once.principal_id, &once.key, &once.fingerprint).await {
        Ok(true) => return Ok(None),
        Ok(false) => {}
        Err(Error::Busy(_)) => return Err(Error::InProgress),
        Err(error) => return Err(error),
    }
    let known = idempotency::find(&**tx, once.principal_id, &once.key).await?;
    // Whoever had it has gone between the two statements.
    let known = known.ok_or(Error::InProgress)?;
    if known.fingerprint != once.fingerprint {
        return Err(Error::KeyReused);
    }
    known.answer.map(Some).ok_or(Error::InProgress)
}

/// Keeps the answer of the call whose key was claimed.
pub async fn keep(tx: &Transaction, once: &Once, answer: Vec<u8>) -> Result<()> {
    idempotency::update(&**tx, once.principal_id, &once.key, answer).await
}

/// Forgets answers that are older than `kept_for`, until `stop`.
pub async fn forget_forever(db: Database, kept_for: Duration, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(FORGET_EVERY))
        .await
        .is_some()
    {
        match forget(&db, now() - kept_for).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "forgot old answers"),
            Err(error) => tracing::warn!(%error, "old answers were not forgotten"),
        }
    }
}

/// Forgets the answers from before a moment, a few at a time so that nobody waits for it. How many there were.
pub async fn forget(db: &Database, before: OffsetDateTime) -> Result<u64> {
    let mut forgotten = 0;
    loop {
        let some = db
            .write(move |tx| async move { idempotency::delete_before(&*tx, before, FORGET_AT_MOST).await })
            .await?;
        forgotten += some;
        if some < FORGET_AT_MOST {
            return Ok(forgotten);
        }
    }
}

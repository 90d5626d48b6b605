//! Files that go through the gateways, in and out: a few at a time, and none for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::settings::TransferSettings;

/// Begins transfers.
#[derive(Clone, Debug)]
pub struct Transfers {
    seats: Arc<Semaphore>,
    longest: Duration,
    idle: Duration,
    max_import_bytes: u64,
}

/// A file that is under way.
#[derive(Debug)]
pub struct Transfer {
    /// When it has to be over.
    ends_at: Instant,
    /// How long it may make no progress.
    pub idle: Duration,
    /// How many bytes it may have, where it comes in.
    pub max_bytes: u64,
    _seat: OwnedSemaphorePermit,
}

impl Transfers {
    /// As many as the settings allow.
    pub fn new(settings: &TransferSettings) -> Self {
        Self {
            seats: Arc::new(Semaphore::new(settings.at_once)),
            longest: settings.longest.get(),
            idle: settings.idle.get(),
            max_import_bytes: settings.max_import_bytes,
        }
    }

    /// Begins one; busy where too many are under way.
    pub fn begin(&self) -> Result<Transfer> {
        let seat = self.seats.clone().try_acquire_owned();
        let seat = seat.map_err(|_| Error::Busy("as many files as are allowed are under way".into()))?;
        Ok(Transfer {
            ends_at: Instant::now() + self.longest,
            idle: self.idle,
            max_bytes: self.max_import_bytes,
            _seat: seat,
        })
    }
}

impl Transfer {
    /// Waits for `step`, but no longer than until the end.
    pub async fn within<T>(&self, step: impl Future<Output = T>) -> Result<T> {
        let too_long = || Error::Busy("the file took longer than one may".into());
        // A time-out alone never comes between steps that are ready at once.
        if Instant::now() >= self.ends_at {
            return Err(too_long());
        }
        let ended = tokio::time::timeout_at(self.ends_at, step).await;
        ended.map_err(|_| too_long())
    }
}

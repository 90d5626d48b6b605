//! The feed of changes: everything that was written, in one order for everybody.
//!
//! Whoever writes tells the change in the same transaction (`repositories/changes.rs`). One task of each core takes what
//! has been committed into the log and what is new in the log into memory (`follow.rs`), where all who subscribe find it
//! (`subscription.rs`). Whoever comes by from time to time reads pages of the log (`pages.rs`).

mod follow;
mod pages;
mod ring;
mod subscription;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::error::Result;
use crate::models::change::Position;
use crate::repositories::changes;
use crate::settings::ChangeSettings;
pub use pages::Page;
use ring::Ring;
pub use subscription::{Event, Subscription};

/// How long a call that wrote waits for its change to be in the log.
const WRITE_PATIENCE: Duration = Duration::from_millis(50);

/// How far the log has come. Whatever is read from now on has seen all changes up to here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Which history; 0 as long as none is known.
    pub epoch: u64,
    /// The number of the newest change.
    pub seq: i64,
}

impl From<Position> for Head {
    fn from(place: Position) -> Self {
        Self {
            epoch: place.epoch.cast_unsigned(),
            seq: place.seq,
        }
    }
}

/// The feed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Database,
    settings: ChangeSettings,
    ring: RwLock<Ring>,
    /// Set after the ring has what it says.
    head: watch::Sender<Head>,
    /// How many times somebody has asked for a look at what is new.
    asked: AtomicU64,
    /// When the last look began that went well, in milliseconds from `since`.
    looked_ms: AtomicU64,
    since: Instant,
    /// Wakes the task that looks.
    wake: Notify,
    /// Up to which of those who asked everybody has been served.
    served: watch::Sender<u64>,
    /// Ends with the task that looks.
    stopped: CancellationToken,
}

impl Feed {
    /// A feed that follows nothing yet.
    pub fn new(db: Database, settings: &ChangeSettings) -> Self {
        Self(Arc::new(Shared {
            db,
            settings: settings.clone(),
            ring: RwLock::new(Ring::new(settings.in_memory)),
            head: watch::Sender::default(),
            asked: AtomicU64::new(0),
            looked_ms: AtomicU64::new(0),
            since: Instant::now(),
            wake: Notify::new(),
            served: watch::Sender::default(),
            stopped: CancellationToken::new(),
        }))
    }

    /// How far the log has come. Every statement that begins afterwards sees all changes up to there.
    pub fn head(&self) -> Head {
        *self.0.head.borrow()
    }

    /// How long ago everything that had been committed was in the log, up to a head that is asked for after this.
    pub fn age(&self) -> Duration {
        let looked = Duration::from_millis(self.0.looked_ms.load(Ordering::SeqCst));
        self.0.since.elapsed().saturating_sub(looked)
    }

    /// Waits until what this process has committed until now is in the log. How far that has come then; nothing where it
    /// takes too long.
    pub async fn settle(&self) -> Option<Head> {
        let ticket = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.0.served.subscribe();
        self.0.wake.notify_one();
        let in_time = tokio::time::timeout(WRITE_PATIENCE, served.wait_for(|served| *served >= ticket));
        in_time.await.ok()?.ok()?;
        Some(self.head())
    }

    /// Deletes the changes that need not be kept any more.
    pub async fn prune(&self) -> Result<()> {
        let keep = self.0.settings.kept;
        loop {
            let more = self
                .0
                .db
                .write(move |tx| async move { changes::delete_oldest(&*tx, keep).await });
            if !more.await? {
                return Ok(());
            }
        }
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.0.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring_mut(&self) -> RwLockWriteGuard<'_, Ring> {
        self.0.ring.write().unwrap_or_else(PoisonError::into_inner)
    }
}

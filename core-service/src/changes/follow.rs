//! Following the log: what has been committed goes into it, what is new in it goes into memory.
//!
//! One task of each core does both, as often as it is woken, and in between in case nobody woke it. However many writers
//! wake it while it works, they are served together next time.

use std::time::{Duration, Instant};

use sea_orm::DbBackend;
use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;

use super::pages::continuation;
use super::{Feed, Head, Ordering};
use crate::error::Result;
use crate::models::change::Position;
use crate::repositories::changes;

/// How many changes are taken at a time.
const BATCH: u32 = 1_000;
/// How long nobody looks whom nothing wakes: on PostgreSQL other cores notify, on SQLite other processes cannot.
const POLL_POSTGRES: Duration = Duration::from_millis(100);
const POLL_SQLITE: Duration = Duration::from_millis(20);
/// How often old changes are deleted.
const PRUNE_EVERY: Duration = Duration::from_secs(60);
/// How long to wait before listening again where that went wrong.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

impl Feed {
    /// Takes a first look, and goes on looking until `stop`.
    pub async fn follow(&self, stop: CancellationToken) {
        self.look_and_tell().await;
        tokio::spawn(self.clone().follow_forever(stop.clone()));
        if self.is_postgres() {
            tokio::spawn(self.clone().listen_forever(stop.clone()));
        }
        tokio::spawn(self.clone().prune_forever(stop));
    }

    async fn follow_forever(self, stop: CancellationToken) {
        let _ends_with_this = self.0.stopped.clone().drop_guard();
        let pause = if self.is_postgres() {
            POLL_POSTGRES
        } else {
            POLL_SQLITE
        };
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
            if !self.look_and_tell().await {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Takes a look, and tells those who have asked for one before it began. Whether it went well.
    async fn look_and_tell(&self) -> bool {
        let asked = self.0.asked.load(Ordering::SeqCst);
        let began = self.0.since.elapsed();
        match self.look().await {
            Ok(()) => {
                let began_ms = u64::try_from(began.as_millis()).unwrap_or_default();
                self.0.looked_ms.store(began_ms, Ordering::SeqCst);
                self.0.served.send_replace(asked);
                true
            }
            Err(error) => {
                tracing::warn!(%error, source = ?std::error::Error::source(&error), "the log of changes cannot be followed at the moment");
                false
            }
        }
    }

    /// Takes what has been committed into the log, and what is new in the log into memory.
    async fn look(&self) -> Result<()> {
        let db = self.0.db.background();
        loop {
            if self.is_postgres() {
                changes::drain(db, BATCH).await?;
            }
            let place = self.ring().end();
            let rows = changes::list_from(db, place.seq, BATCH + 1).await?;
            if rows.is_empty() && place.seq == 0 && place.epoch != 0 {
                return Ok(());
            }
            let Some(new) = continuation(place, rows) else {
                self.begin_anew(changes::find_end(db).await?);
                continue;
            };
            let is_all = new.len() < BATCH as usize;
            if !new.is_empty() {
                let end = {
                    let mut ring = self.ring_mut();
                    new.into_iter().for_each(|change| ring.push(change));
                    ring.end()
                };
                self.go_on_to(end);
            }
            if is_all {
                return Ok(());
            }
        }
    }

    fn begin_anew(&self, end: Position) {
        let is_first = self.head() == Head::default();
        if !is_first {
            tracing::warn!(
                ?end,
                "the log of changes is another one: all who follow it start over"
            );
        }
        self.ring_mut().begin_anew(end);
        self.go_on_to(end);
    }

    #[expect(clippy::cast_precision_loss, reason = "a gauge shows the rough height")]
    fn go_on_to(&self, end: Position) {
        self.0.head.send_replace(end.into());
        metrics::gauge!("changes_head").set(end.seq as f64);
    }

    /// Looks whenever another core says that it has taken something into the log.
    async fn listen_forever(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Some(Err(error)) = stop.run_until_cancelled(self.listen()).await {
                tracing::warn!(%error, "nobody is listening for changes at the moment");
                stop.run_until_cancelled(tokio::time::sleep(LISTEN_AGAIN)).await;
            }
        }
    }

    async fn listen(&self) -> std::result::Result<(), sqlx::Error> {
        let pool = self.0.db.background().get_postgres_connection_pool();
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen("feed").await?;
        loop {
            // What was said before anybody listened, or while the connection was lost, nobody has heard.
            self.0.wake.notify_one();
            while let Some(said) = listener.try_recv().await? {
                let is_news = said.payload().parse().is_ok_and(|seq: i64| seq > self.head().seq);
                if is_news {
                    self.0.wake.notify_one();
                }
            }
        }
    }

    async fn prune_forever(self, stop: CancellationToken) {
        let mut pruned_at = Instant::now();
        while stop
            .run_until_cancelled(tokio::time::sleep(PRUNE_EVERY))
            .await
            .is_some()
        {
            if let Err(error) = self.prune().await {
                tracing::warn!(%error, since = ?pruned_at.elapsed(), "old changes were not deleted");
            } else {
                pruned_at = Instant::now();
            }
        }
    }

    fn is_postgres(&self) -> bool {
        self.0.db.backend() == DbBackend::Postgres
    }
}

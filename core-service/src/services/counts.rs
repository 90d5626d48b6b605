//! Folding the counters of posts, in the background.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::repositories::counts;

/// Folds what readers have liked and commented into the posts, `every` so often, until `stop`.
pub async fn fold_forever(db: Database, every: Duration, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = fold(&db).await {
            tracing::warn!(%error, source = ?std::error::Error::source(&error), "counts are not folded this time");
        }
    }
}

/// Folds all that waits. How many changes there were.
pub async fn fold(db: &Database) -> crate::error::Result<usize> {
    db.write(|tx| async move { counts::fold(&*tx).await }).await
}

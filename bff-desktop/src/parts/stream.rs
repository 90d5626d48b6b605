//! Streams of the core, which have an end in time.

use bff_kit::{ApiError, ApiResult};
use tokio::time::{Instant, timeout_at};

/// Waits for the next step of a stream that has to be over at `ends_at`.
pub(crate) async fn within<T>(ends_at: Instant, step: impl Future<Output = T>) -> ApiResult<T> {
    let too_long = || ApiError::DeadlineExceeded {
        cause: "the file took longer than `files.longest`".to_owned(),
    };
    // A time-out alone never comes between steps that are ready at once.
    if Instant::now() >= ends_at {
        return Err(too_long());
    }
    timeout_at(ends_at, step).await.map_err(|_| too_long())
}

//! An orderly end: one token that a signal fires, and a deadline for what is still running then.

use std::{future::Future, io, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that SIGINT or SIGTERM cancels. Has to be called inside a runtime.
pub fn on_signals() -> io::Result<CancellationToken> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = CancellationToken::new();
    let fired = stop.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        };
        fired.cancel();
        tracing::info!(signal = name, "stopping");
    });
    Ok(stop)
}

/// Runs `work`, which should end by itself once `stop` is cancelled; where it has not ended `drain`
/// after that, it is dropped and the answer is `None`.
///
/// The deadline is hard because a graceful end of hyper and tonic can wait for a silent client for ever.
pub async fn within<F: Future>(stop: &CancellationToken, drain: Duration, work: F) -> Option<F::Output> {
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        biased;
        output = work => Some(output),
        () = too_late => {
            tracing::warn!(?drain, "what still ran was cut off");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn work_that_ends_in_time_gives_its_answer() {
        let stop = CancellationToken::new();
        stop.cancel();
        let work = tokio::time::sleep(Duration::from_millis(20));
        assert_eq!(within(&stop, Duration::from_secs(60), work).await, Some(()));
    }

    #[tokio::test]
    async fn work_that_does_not_end_is_cut_off_at_the_deadline() {
        let stop = CancellationToken::new();
        stop.cancel();
        let (began, drain) = (Instant::now(), Duration::from_millis(50));
        assert_eq!(within(&stop, drain, std::future::pending::<()>()).await, None);
        assert!(began.elapsed() >= drain);
    }

    #[tokio::test]
    async fn nothing_is_cut_off_before_the_stop() {
        let stop = CancellationToken::new();
        let work = tokio::time::sleep(Duration::from_millis(20));
        assert_eq!(within(&stop, Duration::ZERO, work).await, Some(()));
    }
}

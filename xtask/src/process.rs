//! Programs that run beside this one: how they are started and how they are stopped.

use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use tokio::signal::unix::{SignalKind, signal};

/// The signal that asks a program to finish what it does and end.
pub const SIGTERM: i32 = 15;

/// A running program.
pub type Child = Box<dyn ChildWrapper>;

/// Starts a program in a process group of its own, so that a terminal's Ctrl-C reaches only this program,
/// which then stops the others in its order. It is killed where its handle is lost.
pub fn spawn(command: tokio::process::Command) -> std::io::Result<Child> {
    CommandWrap::from(command)
        .wrap(KillOnDrop)
        .wrap(ProcessGroup::leader())
        .spawn()
}

/// Asks a program to end, waits that long for it, then kills it. True where it ended by itself.
pub async fn stop(child: &mut Child, signal: i32, patience: Duration) -> bool {
    if let Ok(Some(_)) = child.try_wait() {
        return true;
    }
    // A failed signal means that it ended just now.
    let _ = child.signal(signal);
    if tokio::time::timeout(patience, child.wait()).await.is_ok() {
        return true;
    }
    let _ = child.start_kill();
    let _ = child.wait().await;
    false
}

/// Waits until somebody wants this program to end: Ctrl-C, SIGTERM, or a terminal that closes.
pub async fn asked_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        outcome = tokio::signal::ctrl_c() => outcome?,
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
    Ok(())
}

//! Whether the core gives any sign of life.
//!
//! One that is stopped in its tracks keeps its connections and answers nothing, so whoever asks waits until their time is
//! up. No call that failed or took long is a proof of that. What is: for longer than the core is ever silent there was no
//! word of it, neither in the log of changes, which beats every second, nor to any call; and the question for its health
//! has been waiting meanwhile, by a clock that stands still when this process itself does.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::time::sleep;

/// How long there has to be no word of it.
const SILENCE: Duration = Duration::from_millis(1500);
/// How long the question for its health has to have been waiting, in ticks …
const TICKS_IN_VAIN: u64 = 5;
/// … of this.
const TICK: Duration = Duration::from_millis(100);

/// Whether the core gives any sign of life. Clones know the same.
#[derive(Clone, Debug)]
pub(super) struct Pulse(Arc<Signs>);

#[derive(Debug)]
struct Signs {
    began: Instant,
    /// Milliseconds from `began` to the last word.
    word_ms: AtomicU64,
    /// For how many ticks a question has been waiting since then.
    in_vain: AtomicU64,
}

impl Pulse {
    /// Before anything was heard or asked.
    pub(super) fn new() -> Self {
        Self(Arc::new(Signs {
            began: Instant::now(),
            word_ms: AtomicU64::new(0),
            in_vain: AtomicU64::new(0),
        }))
    }

    /// The core has said something, whatever it was.
    pub(super) fn beats(&self) {
        let now = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.word_ms.store(now, Ordering::Relaxed);
        self.0.in_vain.store(0, Ordering::Relaxed);
    }

    /// Asks something, and counts for how long that waits.
    pub(super) async fn ask<A>(&self, question: impl Future<Output = A>) -> A {
        let count = async {
            loop {
                sleep(TICK).await;
                self.0.in_vain.fetch_add(1, Ordering::Relaxed);
            }
        };
        tokio::select! {
            // An answer that is there counts, however long nobody looked.
            biased;
            answer = question => answer,
            never = count => never,
        }
    }

    /// Whether there is no sign of life.
    pub(super) fn is_gone(&self) -> bool {
        let word = Duration::from_millis(self.0.word_ms.load(Ordering::Relaxed));
        self.0.in_vain.load(Ordering::Relaxed) >= TICKS_IN_VAIN && self.0.began.elapsed() > word + SILENCE
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, poll_fn, ready},
        task::Poll,
    };

    use super::*;

    /// A pulse of which the last word was as long ago as it takes.
    fn silent() -> Pulse {
        let began = Instant::now()
            .checked_sub(SILENCE * 2)
            .expect("the machine runs for longer");
        Pulse(Arc::new(Signs {
            began,
            word_ms: AtomicU64::new(0),
            in_vain: AtomicU64::new(0),
        }))
    }

    /// Asks until that has been in vain for so many ticks, however long the machine takes over them.
    async fn ask_in_vain(pulse: &Pulse, ticks: u64) {
        let counted = poll_fn(|_| match pulse.0.in_vain.load(Ordering::Relaxed) {
            count if count < ticks => Poll::Pending,
            _ => Poll::Ready(()),
        });
        tokio::select! {
            biased;
            () = pulse.ask(pending::<()>()) => panic!("it is never answered"),
            () = counted => {}
        }
    }

    #[tokio::test]
    async fn a_core_that_says_nothing_and_is_asked_in_vain_is_gone() {
        let pulse = silent();
        ask_in_vain(&pulse, TICKS_IN_VAIN).await;
        assert!(pulse.is_gone());

        // Any word brings it back.
        pulse.beats();
        assert!(!pulse.is_gone());
    }

    #[tokio::test]
    async fn silence_alone_proves_nothing() {
        let pulse = silent();
        assert!(!pulse.is_gone(), "nobody has asked");
        pulse.ask(ready(())).await;
        assert!(!pulse.is_gone(), "the question was answered, be it by a refusal");
        ask_in_vain(&pulse, TICKS_IN_VAIN - 1).await;
        assert!(!pulse.is_gone(), "it has not waited for long");
    }

    #[tokio::test]
    async fn a_question_that_waits_proves_nothing_while_there_are_words() {
        let pulse = silent();
        ask_in_vain(&pulse, TICKS_IN_VAIN).await;
        assert!(pulse.is_gone());
        // Had the last word been a moment ago, on a machine that may take a minute over this line.
        let now = pulse.0.began.elapsed() + Duration::from_secs(60);
        let now_ms = u64::try_from(now.as_millis()).expect("a minute");
        pulse.0.word_ms.store(now_ms, Ordering::Relaxed);
        assert!(!pulse.is_gone());
    }
}

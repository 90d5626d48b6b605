//! What readers have seen of prices that are given one after the other, held against when each was acknowledged.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

/// How old what anybody sees may be.
pub const BOUND: Duration = Duration::from_secs(1);

/// When each price of one book was acknowledged: the first is number 1.
#[derive(Default)]
pub struct Acknowledged(RwLock<Vec<Instant>>);

impl Acknowledged {
    pub fn one_more(&self) {
        self.0.write().unwrap().push(Instant::now());
    }

    /// The newest price that had been acknowledged for so long at that moment.
    fn due(&self, moment: Instant, age: Duration) -> i64 {
        let acknowledged = self.0.read().unwrap();
        let due = acknowledged.partition_point(|at| *at + age <= moment);
        i64::try_from(due).unwrap()
    }

    /// How long ago a price was acknowledged; nothing where it is seen before that.
    fn ago(&self, number: i64) -> Duration {
        let acknowledged = self.0.read().unwrap();
        let at = acknowledged.get(usize::try_from(number - 1).unwrap());
        at.map_or(Duration::ZERO, Instant::elapsed)
    }
}

/// What all readers have seen together.
#[derive(Default)]
pub struct Seen {
    reads: AtomicU64,
    excused: AtomicU64,
    late: AtomicU64,
    delays: Mutex<Vec<Duration>>,
    violations: Mutex<Vec<String>>,
    silence: Mutex<Duration>,
}

impl Seen {
    /// Takes note of a reader who asked at `asked` and saw the price of this number, after `last` at the time before.
    pub fn saw(&self, prices: &Acknowledged, who: &str, asked: Instant, number: i64, last: i64) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let due = prices.due(asked, BOUND);
        if number < due {
            self.violates(format!(
                "{who} saw {number} more than {BOUND:?} after {due} was acknowledged"
            ));
        }
        if last < number {
            let delays = (last + 1..=number).map(|number| prices.ago(number));
            self.delays.lock().unwrap().extend(delays);
        }
    }

    /// Takes note of what must not be.
    pub fn violates(&self, violation: String) {
        self.violations.lock().unwrap().push(violation);
    }

    /// Takes note of a read that says nothing, because its gateway cannot know.
    pub fn excuses(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.excused.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note of an answer that came too late.
    pub fn is_late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes note that a reader had no answer in time for so long.
    pub fn kept_waiting(&self, silence: Duration) {
        let mut longest = self.silence.lock().unwrap();
        *longest = silence.max(*longest);
    }

    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Whatever was seen that must not be.
    pub fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap().clone()
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, text: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut delays = self.delays.lock().unwrap().clone();
        delays.sort_unstable();
        let at = |share: usize| delays.get(delays.len().saturating_sub(1) * share / 100);
        write!(
            text,
            "{} reads, {} of them of a gateway that could not know; seen {:?} after the acknowledgement (median), {:?} (p99), \
             {:?} (last); {} answers came too late, nobody had none in time for longer than {:?}",
            self.reads(),
            self.excused.load(Ordering::Relaxed),
            at(50).copied().unwrap_or_default(),
            at(99).copied().unwrap_or_default(),
            at(100).copied().unwrap_or_default(),
            self.late.load(Ordering::Relaxed),
            self.silence.lock().unwrap()
        )
    }
}

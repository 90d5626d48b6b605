//! What is known of the changes in the core: whether something that was made from its answers is still true.
//!
//! The core says of a shared answer which keys it depends on and up to which change it has seen everything; the log of
//! changes says which keys are touched. Nothing is thrown away when a change comes: whatever is kept is held against
//! the log when it is used, so no fill and no change can overtake one another.

mod follow;
#[cfg(test)]
mod interleavings;
mod touched;

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

pub(crate) use follow::follow;
use touched::Touched;

use super::seen::{Place, Seen, UNSURE};

/// How long nothing may be heard of the core, which beats every second, before it is taken for silent.
const SILENCE: Duration = Duration::from_secs(2);
/// How long ago everything may have been known that was written, before what is kept is no longer taken for what is there
/// now.
const BEHIND: Duration = Duration::from_secs(2);
/// How long other cores may still answer as if the log had not begun anew: all look at it ten times a second.
const UNAWARE: Duration = Duration::from_secs(1);

/// What something that is kept was made from.
#[derive(Debug)]
pub(crate) struct Basis {
    /// All changes up to here are seen in it.
    as_of: Place,
    /// What it depends on.
    depends_on: Box<[u64]>,
    /// Since when the core was asked for it.
    asked: Instant,
    /// Up to which change it is known to be true.
    checked: AtomicI64,
}

/// What is to be said of something that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    /// It is as it would be made now.
    Current,
    /// It may be another now; it was true once.
    Past,
    /// It must not be shown any more: something in it was taken away, or it is of a history that is no more.
    Void,
}

/// What is known of the changes. Clones know the same.
#[derive(Clone, Debug)]
pub(crate) struct Changes(Arc<Known>);

#[derive(Debug)]
struct Known {
    began: Instant,
    /// The history.
    epoch: AtomicU64,
    /// All changes up to this one have been heard of.
    seen: watch::Sender<i64>,
    /// Milliseconds from `began` to the last word of the core, and whether there was one.
    heard_ms: AtomicU64,
    heard: AtomicBool,
    /// Milliseconds from `began` to the moment as of which everything is known that was written, and one more; 0 for none.
    complete_ms: AtomicU64,
    /// A change that has to be seen by everybody who asks here, because whoever made it was told so.
    owed: AtomicI64,
    /// Milliseconds from `began` up to which nothing that is kept can be trusted.
    unsure_ms: AtomicU64,
    /// Milliseconds from `began`: what was asked for before is of a log that is no more.
    anew_ms: AtomicU64,
    touched: RwLock<Touched>,
}

impl Basis {
    /// What was made from answers that were asked for since then, have seen everything up to `as_of` and depend on these
    /// keys.
    pub(crate) fn new(as_of: Place, depends_on: Vec<u64>, asked: Instant) -> Self {
        Self {
            as_of,
            depends_on: depends_on.into(),
            asked,
            checked: AtomicI64::new(as_of.seq),
        }
    }

    /// What is made from all of these together; nothing where they are of several histories, or none.
    pub(crate) fn of_all<'b>(parts: impl IntoIterator<Item = &'b Self>) -> Option<Self> {
        let mut parts = parts.into_iter();
        let first = parts.next()?;
        let (mut as_of, mut keys, mut asked) = (first.as_of, first.depends_on.to_vec(), first.asked);
        for part in parts {
            if part.as_of.epoch != as_of.epoch {
                return None;
            }
            as_of.seq = as_of.seq.min(part.as_of.seq);
            asked = asked.min(part.asked);
            keys.extend_from_slice(&part.depends_on);
        }
        keys.sort_unstable();
        keys.dedup();
        Some(Self::new(as_of, keys, asked))
    }

    /// How many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.depends_on)
    }

    /// Whether it has seen more than another.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        self.as_of.epoch != other.as_of.epoch || self.as_of.seq > other.as_of.seq
    }
}

impl Changes {
    /// Before anything has been heard.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Known {
            began: Instant::now(),
            epoch: AtomicU64::new(0),
            seen: watch::Sender::new(0),
            heard_ms: AtomicU64::new(0),
            heard: AtomicBool::new(false),
            complete_ms: AtomicU64::new(0),
            owed: AtomicI64::new(0),
            unsure_ms: AtomicU64::new(0),
            anew_ms: AtomicU64::new(0),
            touched: RwLock::default(),
        }))
    }

    /// What is to be said of something that is kept, to somebody who has to see `at_least`.
    pub(crate) fn truth_of(&self, basis: &Basis, at_least: Seen) -> Truth {
        if basis.as_of.epoch != self.0.epoch.load(Ordering::Acquire) || self.has_forgotten(basis) {
            return Truth::Void;
        }
        // Looked at once: a change that is heard of between the two questions would be in neither answer.
        let seen = self.seen();
        match self.touched_up_to(seen, basis) {
            Truth::Current if self.may_lack(seen, basis, at_least) || self.is_behind() => Truth::Past,
            truth => truth,
        }
    }

    /// Whether an answer shows all that somebody has to see who came when it had been asked for already. Of a history of
    /// which nothing has been heard yet, nothing is known that it could lack.
    pub(crate) fn shows(&self, basis: &Basis, at_least: Seen) -> bool {
        let is_ours = basis.as_of.epoch == self.0.epoch.load(Ordering::Acquire);
        let seen = self.seen();
        let is_touched = is_ours && self.touched_up_to(seen, basis) != Truth::Current;
        !is_touched && !self.has_forgotten(basis) && !self.may_lack(seen, basis, at_least)
    }

    /// Whether the log began anew since something was asked for.
    fn has_forgotten(&self, basis: &Basis) -> bool {
        let anew_ms = self.0.anew_ms.load(Ordering::Acquire);
        anew_ms > 0 && basis.asked < self.0.began + Duration::from_millis(anew_ms)
    }

    /// Up to which change all have been heard of. Whatever they touch was entered before.
    fn seen(&self) -> i64 {
        *self.0.seen.borrow()
    }

    /// What the changes up to this one, of which all have been heard, say of something.
    fn touched_up_to(&self, seen: i64, basis: &Basis) -> Truth {
        if basis.checked.load(Ordering::Relaxed) >= seen {
            return Truth::Current;
        }
        let touched = self.0.touched.read().unwrap_or_else(|broken| broken.into_inner());
        let truth = touched.truth_of(basis.as_of.seq, &basis.depends_on);
        if truth == Truth::Current {
            basis.checked.store(seen, Ordering::Relaxed);
        }
        truth
    }

    /// Whether something that no change up to `seen` touches may lack a later one: one that whoever asks has seen, or that
    /// was made through here.
    fn may_lack(&self, seen: i64, basis: &Basis, at_least: Seen) -> bool {
        let known = &*self.0;
        let here = basis.as_of.epoch;
        let reached = match known.epoch.load(Ordering::Acquire) == here {
            true => seen.max(basis.as_of.seq),
            false => basis.as_of.seq,
        };
        let lacks = match at_least {
            Seen::Nothing => false,
            Seen::UpTo(place) => place.epoch != here || place.seq > reached,
            Seen::Unknown => true,
        };
        lacks || known.owed.load(Ordering::Acquire) > reached || self.is_unsure()
    }

    /// How long nothing has been heard of the core, where that is too long.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let known = &*self.0;
        let since = known.began.elapsed();
        let silent = since.saturating_sub(Duration::from_millis(known.heard_ms.load(Ordering::Acquire)));
        (silent > SILENCE || !known.heard.load(Ordering::Acquire)).then_some(silent)
    }

    /// Whether it is too long ago that everything was known.
    fn is_behind(&self) -> bool {
        let complete_ms = self.0.complete_ms.load(Ordering::Acquire);
        complete_ms == 0 || self.0.began.elapsed() > Duration::from_millis(complete_ms) + BEHIND
    }

    fn is_unsure(&self) -> bool {
        let until = self.0.unsure_ms.load(Ordering::Acquire);
        until > 0 && self.0.began.elapsed() < Duration::from_millis(until)
    }

    /// After a write that stands there in the log: whoever asks here from now on sees it. Waits for the log up to
    /// `at_most`, so that what is kept can still be used then.
    pub(crate) async fn wrote(&self, written: Seen, at_most: Duration) {
        let known = &*self.0;
        let place = match written {
            Seen::Nothing => return,
            Seen::UpTo(place) if place.epoch == known.epoch.load(Ordering::Acquire) => place,
            // In no place that is known here.
            Seen::UpTo(_) | Seen::Unknown => return self.wrote_somewhere(),
        };
        let mut seen = known.seen.subscribe();
        let heard_of = seen.wait_for(|seen| *seen >= place.seq);
        if self.silence().is_some() || tokio::time::timeout(at_most, heard_of).await.is_err() {
            known.owed.fetch_max(place.seq, Ordering::AcqRel);
        }
    }

    /// After a write of which nobody knows where it stands: for a moment nothing that is kept is known to show it.
    pub(crate) fn wrote_somewhere(&self) {
        let until = self.0.began.elapsed() + UNSURE;
        self.0.unsure_ms.fetch_max(millis(until), Ordering::AcqRel);
    }

    /// The core goes on at `place`, and not after what was heard before: where something was, all that is kept is forgotten,
    /// because it may have seen changes that never were, as of a database that is an older backup now. The numbers of those
    /// say nothing: they are given again.
    pub(super) fn begin_at(&self, place: Place) {
        let known = &*self.0;
        let mut touched = known.touched.write().unwrap_or_else(|broken| broken.into_inner());
        touched.forget(place.seq);
        if known.heard.load(Ordering::Acquire) {
            let until = known.began.elapsed() + UNAWARE;
            known.anew_ms.fetch_max(millis(until), Ordering::AcqRel);
            known.owed.store(0, Ordering::Release);
        }
        known.epoch.store(place.epoch, Ordering::Release);
        drop(touched);
        self.hear();
        known.seen.send_replace(place.seq);
    }

    /// A change touches these keys; `gone` is the one of what was taken away.
    pub(super) fn touch(&self, seq: i64, keys: &[u64], gone: Option<u64>) {
        self.enter(seq, keys, gone);
        self.reach(seq);
    }

    /// Takes note of what a change touches.
    fn enter(&self, seq: i64, keys: &[u64], gone: Option<u64>) {
        let touched = self.0.touched.write();
        touched
            .unwrap_or_else(|broken| broken.into_inner())
            .add(seq, keys, gone);
    }

    /// All changes up to this one have been heard of.
    pub(super) fn reach(&self, seq: i64) {
        self.hear();
        self.0.seen.send_if_modified(|seen| {
            let more = seq > *seen;
            *seen = seq.max(*seen);
            more
        });
    }

    /// Everything that was written before `as_of` has been heard of.
    pub(super) fn is_complete(&self, as_of: Instant) {
        // What was so before this began is of no use any more.
        if let Some(since) = as_of.checked_duration_since(self.0.began) {
            self.0.complete_ms.fetch_max(millis(since) + 1, Ordering::AcqRel);
        }
    }

    fn hear(&self) {
        let known = &*self.0;
        known
            .heard_ms
            .store(millis(known.began.elapsed()), Ordering::Release);
        known.heard.store(true, Ordering::Release);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

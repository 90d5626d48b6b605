//! Which keys were touched last when.

use std::collections::HashMap;

use super::Truth;

/// How many keys are remembered in one of two generations.
const KEYS: usize = 100_000;

/// The last change of each key. Keys that have not been touched for long are forgotten: what is as old as they are is
/// taken for changed.
#[derive(Debug, Default)]
pub(super) struct Touched {
    young: HashMap<u64, Last>,
    old: HashMap<u64, Last>,
    /// Nothing is known of changes up to this one.
    floor: i64,
}

/// The last change of a key.
#[derive(Clone, Copy, Debug)]
struct Last {
    seq: i64,
    /// Whether it was taken away then.
    gone: bool,
}

impl Touched {
    /// What is to be said of something that has seen everything up to `as_of` and depends on these keys.
    pub(super) fn truth_of(&self, as_of: i64, keys: &[u64]) -> Truth {
        let mut truth = if as_of < self.floor {
            Truth::Past
        } else {
            Truth::Current
        };
        for key in keys {
            match self.young.get(key).or_else(|| self.old.get(key)) {
                Some(last) if last.seq > as_of && last.gone => return Truth::Void,
                Some(last) if last.seq > as_of => truth = Truth::Past,
                _ => {}
            }
        }
        truth
    }

    /// Takes note of a change.
    pub(super) fn add(&mut self, seq: i64, keys: &[u64], gone: Option<u64>) {
        if self.young.len() >= KEYS {
            let forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            let newest = forgotten.values().map(|last| last.seq).max();
            self.floor = self.floor.max(newest.unwrap_or_default());
        }
        for key in keys {
            let gone = gone == Some(*key);
            self.young.insert(*key, Last { seq, gone });
        }
    }

    /// Of what came before this change nothing is known any more.
    pub(super) fn forget(&mut self, seq: i64) {
        *self = Self {
            floor: seq,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_a_key_that_is_touched_later_is_past() {
        let mut touched = Touched::default();
        touched.add(7, &[1, 2], None);
        assert_eq!(touched.truth_of(7, &[1, 2, 3]), Truth::Current);
        assert_eq!(touched.truth_of(6, &[3]), Truth::Current);
        assert_eq!(touched.truth_of(6, &[3, 2]), Truth::Past);
    }

    #[test]
    fn what_shows_something_that_was_taken_away_is_void() {
        let mut touched = Touched::default();
        touched.add(7, &[1, 2], Some(1));
        assert_eq!(touched.truth_of(6, &[2]), Truth::Past);
        assert_eq!(touched.truth_of(6, &[2, 1]), Truth::Void);
        assert_eq!(touched.truth_of(7, &[2, 1]), Truth::Current);
    }

    #[test]
    fn what_is_older_than_what_is_remembered_is_past() {
        let mut touched = Touched::default();
        for seq in 1..=3 * KEYS as i64 {
            touched.add(seq, &[seq as u64], None);
        }
        assert!(touched.young.len() + touched.old.len() <= 2 * KEYS);
        assert_eq!(touched.truth_of(1, &[u64::MAX]), Truth::Past);
        assert_eq!(touched.truth_of(3 * KEYS as i64, &[1]), Truth::Current);
    }
}

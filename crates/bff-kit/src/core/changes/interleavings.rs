//! Every order in which fills and changes can overtake one another (R17): what is taken for current is.
//!
//! Two fills and two changes of one thing, step by step, in all of the orders that there are; beside what is kept by
//! [`Changes`] a cache that throws away what changes, as most do, which has to be caught.

use std::time::Instant;

use super::{Basis, Changes, Place, Seen, Truth};

const EPOCH: u64 = 7;
const KEY: u64 = 1;

/// One step of somebody.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The core changes the thing; the log has it from then on.
    Commit,
    /// The gateway hears of the next change.
    Hear,
    /// A fill asks the core where it is in the log.
    Head(usize),
    /// The core reads the thing for it.
    Read(usize),
    /// The answer is kept.
    Keep(usize),
}

const WRITER: [Step; 2] = [Step::Commit; 2];
const FOLLOWER: [Step; 2] = [Step::Hear; 2];
const FILLS: [[Step; 3]; 2] = [
    [Step::Head(0), Step::Read(0), Step::Keep(0)],
    [Step::Head(1), Step::Read(1), Step::Keep(1)],
];

/// What is kept: a value, and how it is known to be true.
trait Cache {
    fn hear(&mut self, seq: i64);
    fn keep(&mut self, value: i64, as_of: i64);
    /// What is taken for current.
    fn current(&self) -> Option<i64>;
}

struct Ours {
    changes: Changes,
    kept: Option<(i64, Basis)>,
}

impl Ours {
    fn new() -> Self {
        let changes = Changes::new();
        changes.begin_at(Place { epoch: EPOCH, seq: 0 });
        changes.is_complete(Instant::now());
        Self { changes, kept: None }
    }
}

impl Cache for Ours {
    fn hear(&mut self, seq: i64) {
        self.changes.touch(seq, &[KEY], None);
    }

    fn keep(&mut self, value: i64, as_of: i64) {
        let basis = Basis::new(
            Place {
                epoch: EPOCH,
                seq: as_of,
            },
            vec![KEY],
        );
        if self
            .kept
            .as_ref()
            .is_none_or(|(_, there)| basis.is_newer_than(there))
        {
            self.kept = Some((value, basis));
        }
    }

    fn current(&self) -> Option<i64> {
        let (value, basis) = self.kept.as_ref()?;
        (self.changes.truth_of(basis, Seen::Nothing) == Truth::Current).then_some(*value)
    }
}

/// Throws away what has changed, and keeps whatever comes.
#[derive(Default)]
struct Naive(Option<i64>);

impl Cache for Naive {
    fn hear(&mut self, _: i64) {
        self.0 = None;
    }

    fn keep(&mut self, value: i64, _: i64) {
        self.0 = Some(value);
    }

    fn current(&self) -> Option<i64> {
        self.0
    }
}

/// In how many orders something old is taken for current, in how many anything is, and how many orders there are.
fn run<C: Cache>(new: impl Fn() -> C) -> (usize, usize, usize) {
    let (mut wrong, mut used, mut all) = (0, 0, 0);
    let everybody = [&WRITER[..], &FOLLOWER, &FILLS[0], &FILLS[1]];
    orders(everybody, &mut Vec::new(), &mut |steps| {
        let mut cache = new();
        // The thing's value is the number of the change that made it.
        let (mut committed, mut heard) = (0, 0);
        let mut fills = [(0, 0); 2];
        all += 1;
        let (mut old, mut any) = (false, false);
        for step in steps {
            match *step {
                Step::Commit => committed += 1,
                Step::Hear => {
                    heard += 1;
                    cache.hear(heard);
                }
                Step::Head(fill) => fills[fill].0 = committed,
                Step::Read(fill) => fills[fill].1 = committed,
                Step::Keep(fill) => cache.keep(fills[fill].1, fills[fill].0),
            }
            old |= cache.current().is_some_and(|value| value < heard);
            any |= cache.current().is_some();
        }
        wrong += usize::from(old);
        used += usize::from(any);
    });
    (wrong, used, all)
}

/// All orders of everybody's steps in which nobody hears of a change before it was made.
fn orders(rest: [&[Step]; 4], steps: &mut Vec<Step>, each: &mut impl FnMut(&[Step])) {
    if rest.iter().all(|steps| steps.is_empty()) {
        return each(steps);
    }
    for who in 0..rest.len() {
        let Some((step, later)) = rest[who].split_first() else {
            continue;
        };
        let count = |wanted: fn(&Step) -> bool| steps.iter().filter(|step| wanted(step)).count();
        let unheard = count(|step| matches!(step, Step::Commit)) > count(|step| matches!(step, Step::Hear));
        if matches!(step, Step::Hear) && !unheard {
            continue;
        }
        let mut after = rest;
        after[who] = later;
        steps.push(*step);
        orders(after, steps, each);
        steps.pop();
    }
}

#[test]
fn no_order_of_fills_and_changes_leaves_something_old_behind() {
    let (wrong, used, all) = run(Ours::new);
    assert!(all > 5_000, "only {all} orders");
    assert!(used > all / 2, "something is kept in {used} of {all} orders");
    assert_eq!(wrong, 0, "of {all} orders");
}

#[test]
fn catches_a_cache_that_throws_away_what_changes() {
    let (wrong, _, _) = run(Naive::default);
    assert!(wrong > 0);
}

//! Every order in which fills and changes can overtake one another (R17): what is taken for current is.
//!
//! First two fills and two changes of one thing, and whoever waits for a fill that somebody else began; then two changes
//! and two who use what is kept, from one lock to the next: each step of theirs holds one lock, or looks at one number, so
//! there is nothing between two of them that another thread could come into. All of the orders that there are, each beside
//! what does without the protection and has to be caught.

use std::time::Instant;

use super::{Basis, Changes, Place, Seen, Truth};

const EPOCH: u64 = 7;
const KEY: u64 = 1;
const OTHER: u64 = 2;

fn place(seq: i64) -> Place {
    Place { epoch: EPOCH, seq }
}

/// What is known of a log that has just begun.
fn changes() -> Changes {
    let changes = Changes::new();
    changes.begin_at(place(0));
    changes.is_complete(Instant::now());
    changes
}

fn basis(as_of: i64) -> Basis {
    Basis::new(place(as_of), vec![KEY], Instant::now())
}

/// All orders of everybody's steps in which each is possible after those before it.
fn orders<S: Copy>(
    rest: &mut [&[S]],
    steps: &mut Vec<S>,
    is_possible: &impl Fn(&[S], S) -> bool,
    each: &mut impl FnMut(&[S]),
) {
    if rest.iter().all(|steps| steps.is_empty()) {
        return each(steps);
    }
    for who in 0..rest.len() {
        let before = rest[who];
        let Some((step, later)) = before.split_first() else {
            continue;
        };
        if is_possible(steps, *step) {
            rest[who] = later;
            steps.push(*step);
            orders(rest, steps, is_possible, each);
            steps.pop();
            rest[who] = before;
        }
    }
}

/// One step of somebody who fills the cache, or changes what is in it.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Whether somebody is given the answer to what was asked before they came, who has to see all up to here.
    fn shows(&self, as_of: i64, at_least: i64) -> bool;
}

struct Ours {
    changes: Changes,
    kept: Option<(i64, Basis)>,
}

impl Ours {
    fn new() -> Self {
        Self {
            changes: changes(),
            kept: None,
        }
    }
}

impl Cache for Ours {
    fn hear(&mut self, seq: i64) {
        self.changes.touch(seq, &[KEY], None);
    }

    fn keep(&mut self, value: i64, as_of: i64) {
        let basis = basis(as_of);
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

    fn shows(&self, as_of: i64, at_least: i64) -> bool {
        self.changes.shows(&basis(as_of), Seen::UpTo(place(at_least)))
    }
}

/// Throws away what has changed, keeps whatever comes, and gives it to all who wait.
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

    fn shows(&self, _: i64, _: i64) -> bool {
        true
    }
}

/// In how many orders something was so.
#[derive(Debug, Default)]
struct Orders {
    all: usize,
    /// Something is taken for current.
    used: usize,
    /// Something old is.
    old: usize,
    /// Somebody is given what was asked before they came.
    shared: usize,
    /// Somebody is, and it lacks what they have to see.
    lacking: usize,
}

fn run<C: Cache>(new: impl Fn() -> C) -> Orders {
    let mut found = Orders::default();
    let heard_after_it_was_made = |steps: &[Step], step| {
        let count = |wanted| steps.iter().filter(|step| **step == wanted).count();
        step != Step::Hear || count(Step::Commit) > count(Step::Hear)
    };
    let mut everybody = [&WRITER[..], &FOLLOWER, &FILLS[0], &FILLS[1]];
    orders(
        &mut everybody,
        &mut Vec::new(),
        &heard_after_it_was_made,
        &mut |steps| {
            let mut cache = new();
            // The thing's value is the number of the change that made it.
            let (mut committed, mut heard) = (0, 0);
            let mut fills = [(0, 0); 2];
            // What those have to see who came while a fill was under way: all that there was.
            let mut waiting = [vec![], vec![]];
            let (mut used, mut old, mut shared, mut lacking) = (false, false, false, false);
            for step in steps {
                match *step {
                    Step::Commit => committed += 1,
                    Step::Hear => {
                        heard += 1;
                        cache.hear(heard);
                    }
                    Step::Head(fill) => fills[fill].0 = committed,
                    Step::Read(fill) => fills[fill].1 = committed,
                    Step::Keep(fill) => {
                        let (as_of, value) = fills[fill];
                        for at_least in std::mem::take(&mut waiting[fill]) {
                            let shows = cache.shows(as_of, at_least);
                            shared |= shows;
                            lacking |= shows && value < at_least;
                        }
                        cache.keep(value, as_of);
                    }
                }
                waiting.iter_mut().for_each(|waiting| waiting.push(committed));
                old |= cache.current().is_some_and(|value| value < heard);
                used |= cache.current().is_some();
            }
            found.all += 1;
            found.used += usize::from(used);
            found.old += usize::from(old);
            found.shared += usize::from(shared);
            found.lacking += usize::from(lacking);
        },
    );
    found
}

#[test]
fn no_order_of_fills_and_changes_leaves_something_old_behind() {
    let found = run(Ours::new);
    assert!(found.all > 5_000, "{found:?}");
    assert!(found.used > found.all / 2, "{found:?}");
    assert_eq!(found.old, 0, "{found:?}");
}

#[test]
fn nobody_is_given_what_lacks_what_they_have_to_see_because_it_was_asked_before() {
    let found = run(Ours::new);
    assert!(found.shared > found.all / 2, "{found:?}");
    assert_eq!(found.lacking, 0, "{found:?}");
}

#[test]
fn catches_a_cache_that_throws_away_what_changes_and_shares_whatever_was_asked() {
    let found = run(Naive::default);
    assert!(found.old > 0 && found.lacking > 0, "{found:?}");
}

/// One step of the thread that hears of changes, or of one that uses what is kept.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// What a change touches is entered.
    Enter(usize),
    /// All changes up to this one have been heard of.
    Reach(usize),
    /// A user looks how far that is …
    Look(usize),
    /// … and whether what is kept was touched up to there …
    Judge(usize),
    /// … and whether it reaches as far as they have seen.
    Compare,
}

const USERS: [[Turn; 2]; 2] = [[Turn::Look(0), Turn::Judge(0)], [Turn::Look(1), Turn::Judge(1)]];

/// In how many orders of two users and of one who hears of two changes somebody takes something for current, and in how many
/// of them it was touched by a change that all had been heard of when they looked.
fn use_while_hearing(hearing: [Turn; 4]) -> (usize, usize) {
    let (mut used, mut old) = (0, 0);
    for (touched, as_of) in [
        ([KEY, KEY], 0),
        ([KEY, KEY], 1),
        ([KEY, OTHER], 0),
        ([KEY, OTHER], 1),
        ([OTHER, KEY], 0),
        ([OTHER, KEY], 1),
    ] {
        let mut everybody = [&hearing[..], &USERS[0], &USERS[1]];
        orders(&mut everybody, &mut Vec::new(), &|_, _| true, &mut |turns| {
            let (changes, kept) = (changes(), basis(as_of));
            let mut seen = [0; 2];
            let (mut is_used, mut is_old) = (false, false);
            for turn in turns {
                match *turn {
                    Turn::Enter(seq) => changes.enter(seq as i64, &[touched[seq - 1]], None),
                    Turn::Reach(seq) => changes.reach(seq as i64),
                    Turn::Compare => {}
                    Turn::Look(user) => seen[user] = changes.seen(),
                    Turn::Judge(user) => {
                        let current = changes.touched_up_to(seen[user], &kept) == Truth::Current;
                        let mut later = touched.iter().zip(1..).filter(|(_, seq)| *seq > as_of);
                        let heard_of = later.any(|(key, seq)| *key == KEY && seq <= seen[user]);
                        is_used |= current;
                        is_old |= current && heard_of;
                    }
                }
            }
            used += usize::from(is_used);
            old += usize::from(is_old);
        });
    }
    (used, old)
}

#[test]
fn no_order_of_those_who_use_and_one_who_hears_takes_what_was_touched_for_current() {
    let (used, old) = use_while_hearing([Turn::Enter(1), Turn::Reach(1), Turn::Enter(2), Turn::Reach(2)]);
    assert!(used > 500, "{used}");
    assert_eq!(old, 0);
}

#[test]
fn catches_one_who_says_how_far_it_has_heard_before_it_has_entered_that() {
    let (_, old) = use_while_hearing([Turn::Reach(1), Turn::Enter(1), Turn::Reach(2), Turn::Enter(2)]);
    assert!(old > 0);
}

/// In how many orders of one who hears of two changes and of a user who has seen some of them something is shown to that
/// user, and in how many it lacks one of these: where the user looks how far that is `once` for both questions, whether it
/// was touched and whether it reaches far enough, or again for the second.
fn show_while_hearing(once: bool) -> (usize, usize) {
    let hearing = [Turn::Enter(1), Turn::Reach(1), Turn::Enter(2), Turn::Reach(2)];
    let user = [Turn::Look(0), Turn::Judge(0), Turn::Compare];
    let (mut shown, mut lacking) = (0, 0);
    for (touched, at_least) in [
        ([KEY, KEY], 1),
        ([KEY, KEY], 2),
        ([KEY, OTHER], 1),
        ([OTHER, KEY], 1),
        ([OTHER, KEY], 2),
    ] {
        let mut everybody = [&hearing[..], &user];
        orders(&mut everybody, &mut Vec::new(), &|_, _| true, &mut |turns| {
            let (changes, kept) = (changes(), basis(0));
            let (mut seen, mut current, mut shows) = (0, false, false);
            for turn in turns {
                match *turn {
                    Turn::Enter(seq) => changes.enter(seq as i64, &[touched[seq - 1]], None),
                    Turn::Reach(seq) => changes.reach(seq as i64),
                    Turn::Look(_) => seen = changes.seen(),
                    Turn::Judge(_) => current = changes.touched_up_to(seen, &kept) == Truth::Current,
                    Turn::Compare => {
                        let reached = if once { seen } else { changes.seen() };
                        let has_seen = Seen::UpTo(place(at_least));
                        shows = current && !changes.may_lack(reached, &kept, has_seen);
                    }
                }
            }
            // It was made before any change, and the user has seen one that touches it.
            let lacks = touched
                .iter()
                .zip(1..)
                .any(|(key, seq)| *key == KEY && seq <= at_least);
            shown += usize::from(shows);
            lacking += usize::from(shows && lacks);
        });
    }
    (shown, lacking)
}

#[test]
fn no_order_shows_anybody_what_lacks_what_they_have_seen() {
    let (shown, lacking) = show_while_hearing(true);
    assert!(shown > 0);
    assert_eq!(lacking, 0);
}

#[test]
fn catches_one_who_looks_twice_how_far_it_has_heard() {
    let (_, lacking) = show_while_hearing(false);
    assert!(lacking > 0);
}

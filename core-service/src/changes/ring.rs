//! The newest changes in memory: one copy for all who follow them.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use crate::models::change::{ChangeRow, Kind, Position};

/// The newest changes of one history, in their order and without gaps.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    /// How often the log turned out to be another one than before.
    histories: u64,
    /// The place before the oldest change here.
    start: Position,
    changes: VecDeque<Arc<ChangeRow>>,
    /// The sessions whose end is among the changes here.
    ended_sessions: HashSet<i64>,
}

/// What the ring has for a reader.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The changes that come next; none where the reader has seen all that there are here.
    Next(Vec<Arc<ChangeRow>>),
    /// The reader stands before the oldest change here.
    Behind,
    /// The reader stands in another history.
    Elsewhere,
}

impl Ring {
    /// A ring in no history.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            histories: 0,
            start: Position::default(),
            changes: VecDeque::new(),
            ended_sessions: HashSet::new(),
        }
    }

    /// The place of the newest change.
    pub(super) fn end(&self) -> Position {
        self.changes.back().map_or(self.start, |newest| newest.position)
    }

    /// Which of the histories that it has seen it is in.
    pub(super) fn history(&self) -> u64 {
        self.histories
    }

    /// Goes on in another history, from its end.
    pub(super) fn begin_anew(&mut self, end: Position) {
        self.histories += 1;
        self.start = end;
        self.changes.clear();
        self.ended_sessions.clear();
    }

    /// Takes the change that comes next, and gives up the oldest one where there is no room.
    pub(super) fn push(&mut self, change: ChangeRow) {
        debug_assert_eq!(change.position.seq, self.end().seq + 1, "the log has no gaps");
        if change.kind == Kind::Session {
            self.ended_sessions.insert(change.entity_id);
        }
        self.changes.push_back(Arc::new(change));
        if self.changes.len() > self.capacity
            && let Some(oldest) = self.changes.pop_front()
        {
            self.start = oldest.position;
            if oldest.kind == Kind::Session {
                self.ended_sessions.remove(&oldest.entity_id);
            }
        }
    }

    /// Whether a session ended lately.
    pub(super) fn has_ended(&self, session_id: i64) -> bool {
        self.ended_sessions.contains(&session_id)
    }

    /// What comes after a place, so many changes at most.
    pub(super) fn after(&self, place: Position, at_most: usize) -> Found {
        if place.epoch != self.start.epoch {
            return Found::Elsewhere;
        }
        // A client may bring any number.
        let Ok(passed) = usize::try_from(place.seq.saturating_sub(self.start.seq)) else {
            return Found::Behind;
        };
        let tag = match passed {
            0 => Some(self.start.tag),
            passed => self.changes.get(passed - 1).map(|change| change.position.tag),
        };
        match tag {
            // Another core knows more already.
            None => Found::Next(Vec::new()),
            Some(tag) if tag != place.tag => Found::Elsewhere,
            Some(_) => {
                let next = self.changes.range(passed..).take(at_most);
                Found::Next(next.cloned().collect())
            }
        }
    }

    /// Whether a place is known here, so that nobody has to ask the database.
    pub(super) fn knows(&self, place: Position) -> bool {
        place.seq <= self.end().seq && matches!(self.after(place, 0), Found::Next(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::change::{Audience, Operation};

    fn place(seq: i64) -> Position {
        Position {
            epoch: 7,
            seq,
            tag: seq * 10,
        }
    }

    fn change(seq: i64) -> ChangeRow {
        ChangeRow {
            position: place(seq),
            kind: Kind::Session,
            operation: Operation::Deleted,
            entity_id: seq,
            name: None,
            parent_id: None,
            audience: Audience::Public,
            owner_id: None,
            at: time::OffsetDateTime::UNIX_EPOCH,
        }
    }

    /// A ring with room for three changes, into which the fourth to the eighth were put.
    fn ring() -> Ring {
        let mut ring = Ring::new(3);
        ring.begin_anew(place(3));
        (4..=8).for_each(|seq| ring.push(change(seq)));
        ring
    }

    fn numbers(found: Found) -> Vec<i64> {
        let Found::Next(changes) = found else {
            panic!("{found:?}")
        };
        changes.iter().map(|change| change.position.seq).collect()
    }

    #[test]
    fn gives_what_comes_after_a_place_and_no_more_than_was_asked_for() {
        assert_eq!(numbers(ring().after(place(5), 9)), [6, 7, 8]);
        assert_eq!(numbers(ring().after(place(6), 1)), [7]);
        assert_eq!(numbers(ring().after(place(8), 9)), [0; 0]);
        assert_eq!(numbers(ring().after(place(9), 9)), [0; 0]);
    }

    #[test]
    fn tells_whoever_is_behind_or_comes_from_elsewhere() {
        for behind in [
            place(4),
            Position {
                seq: i64::MIN,
                ..place(4)
            },
        ] {
            assert_eq!(ring().after(behind, 9), Found::Behind);
        }
        for stranger in [Position { epoch: 8, ..place(7) }, Position { tag: 1, ..place(7) }] {
            assert_eq!(ring().after(stranger, 9), Found::Elsewhere);
        }
    }

    #[test]
    fn knows_of_a_session_that_ended_as_long_as_the_change_is_here() {
        assert!(ring().has_ended(6));
        assert!(!ring().has_ended(5));
    }

    #[test]
    fn vouches_only_for_places_that_it_has() {
        assert!(ring().knows(place(5)) && ring().knows(place(8)));
        assert!(!ring().knows(place(4)) && !ring().knows(place(9)));
    }
}

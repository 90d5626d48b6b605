//! How far into the core's log of changes somebody has seen.

use std::{fmt, time::Duration};

/// How long after a write it has to be in the log everywhere, or be noticed that it is not: what is kept is used for two
/// seconds after the last word of the core and no longer, and that word may be of a second before.
pub(crate) const UNSURE: Duration = Duration::from_secs(5);

/// A place in the log: which history, and the number of the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The history.
    pub(crate) epoch: u64,
    /// The change.
    pub(crate) seq: i64,
}

impl Place {
    /// From `EPOCH.SEQ`, the epoch in 16 hex digits.
    fn read(text: &str) -> Option<Self> {
        let (epoch, seq) = text.split_once('.')?;
        let digits = |text: &str, least| text.len() >= least && text.bytes().all(|b| b.is_ascii_hexdigit());
        (digits(epoch, 16) && digits(seq, 1)).then_some(())?;
        Some(Self {
            epoch: u64::from_str_radix(epoch, 16).ok()?,
            seq: seq.parse().ok()?,
        })
    }
}

/// What somebody has seen of the changes, and has to see from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing in particular.
    #[default]
    Nothing,
    /// Everything up to this place.
    UpTo(Place),
    /// Something of which the core could not say in time where it stands: nothing that is kept is known to show it.
    Unknown,
}

impl Seen {
    /// What the core says beside its answer to a write.
    pub(crate) fn by_writer(text: &str) -> Self {
        Place::read(text).map_or(Self::Unknown, Self::UpTo)
    }

    /// What a client says that it has seen. What cannot be read asks for nothing.
    pub(crate) fn by_client(text: &str) -> Self {
        match text {
            "unknown" => Self::Unknown,
            _ => Place::read(text).map_or(Self::Nothing, Self::UpTo),
        }
    }

    /// This and that.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (seen, Self::Nothing) | (seen @ Self::Unknown, _) => seen,
            (Self::UpTo(this), Self::UpTo(that)) if this.epoch == that.epoch && this.seq > that.seq => self,
            (_, other) => other,
        }
    }
}

/// As headers and cookies have it.
impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::UpTo(Place { epoch, seq }) => write!(out, "{epoch:016x}.{seq}"),
            Self::Unknown => out.write_str("unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let place = Place {
            epoch: 0xabc,
            seq: 42,
        };
        for seen in [Seen::UpTo(place), Seen::Unknown] {
            let said = seen.to_string();
            assert_eq!((Seen::by_client(&said), Seen::by_writer(&said)), (seen, seen));
        }
    }

    #[test]
    fn who_has_seen_this_and_that_has_seen_the_later_one() {
        let at = |seq| Seen::UpTo(Place { epoch: 7, seq });
        for (this, that, both) in [
            (at(1), at(2), at(2)),
            (at(2), at(1), at(2)),
            (at(1), Seen::Nothing, at(1)),
            (Seen::Nothing, at(1), at(1)),
            (at(1), Seen::Unknown, Seen::Unknown),
            (Seen::Unknown, at(1), Seen::Unknown),
        ] {
            assert_eq!(this.and(that), both, "{this} and {that}");
        }
    }

    #[test]
    fn what_is_no_place_asks_for_nothing_and_leaves_a_write_unknown() {
        for said in [
            "",
            "7",
            "Unknown",
            "0000000000000abc.",
            "0000000000000abc.-1",
            "xyz.1",
            "0000000000000abc.99999999999999999999",
        ] {
            assert_eq!(
                (Seen::by_client(said), Seen::by_writer(said)),
                (Seen::Nothing, Seen::Unknown),
                "{said}"
            );
        }
    }
}

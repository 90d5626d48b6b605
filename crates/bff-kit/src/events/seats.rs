//! How many streams anybody may have open, so that nobody has them all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{edge::Session, settings::LiveSettings};

/// Whose a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whose {
    /// That of a session which the core has accepted.
    Session(Session),
    /// That of a guest at this address.
    Address(IpAddr),
}

/// The places for streams.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<Whose, usize>>>,
    settings: LiveSettings,
}

/// A place that a stream has; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    whose: Whose,
}

impl Seats {
    pub(super) fn new(settings: LiveSettings) -> Self {
        Self {
            taken: Arc::default(),
            settings,
        }
    }

    /// A place for one more, if there is one.
    pub(super) fn take(&self, whose: Whose) -> Option<Seat> {
        let most = match whose {
            Whose::Session(_) => self.settings.per_session,
            Whose::Address(_) => self.settings.per_address,
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let same = taken.entry(whose).or_default();
        if most > 0 && *same >= most {
            return None;
        }
        *same += 1;
        metrics::gauge!("live_streams").increment(1);
        Some(Seat {
            seats: self.clone(),
            whose,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("live_streams").decrement(1);
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = taken.get_mut(&self.whose) {
            *same -= 1;
            if *same == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(last: u8) -> Whose {
        Whose::Address(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn nobody_has_more_than_their_share_and_what_is_given_back_can_be_taken_again() {
        let seats = Seats::new(LiveSettings {
            per_session: 9,
            per_address: 2,
            ..LiveSettings::default()
        });
        let first = seats.take(guest(1)).expect("a seat");
        let _second = seats.take(guest(1)).expect("a seat");
        assert!(seats.take(guest(1)).is_none());
        assert!(seats.take(guest(2)).is_some());

        drop(first);
        assert!(seats.take(guest(1)).is_some());
    }

    #[test]
    fn nought_is_any_number() {
        let seats = Seats::new(LiveSettings {
            per_session: 0,
            per_address: 0,
            ..LiveSettings::default()
        });
        let taken: Vec<_> = (0..50).map_while(|_| seats.take(guest(1))).collect();
        assert_eq!(taken.len(), 50);
    }
}

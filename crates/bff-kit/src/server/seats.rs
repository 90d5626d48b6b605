//! How many connections there are, in all and per address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// The places for connections.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    taken: Arc<Mutex<Taken>>,
    total: usize,
    per_ip: usize,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    per_ip: HashMap<IpAddr, usize>,
}

/// A place that a connection has; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    ip: IpAddr,
}

impl Seats {
    /// `per_ip` of 0 is any number.
    pub(super) fn new(total: usize, per_ip: usize) -> Self {
        Self {
            taken: Arc::default(),
            total,
            per_ip,
        }
    }

    /// A place for a client of this address, if there is one.
    pub(super) fn take(&self, ip: IpAddr) -> Option<Seat> {
        let ip = network_of(ip);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= self.total {
            return None;
        }
        let same = taken.per_ip.entry(ip).or_default();
        if self.per_ip > 0 && *same >= self.per_ip {
            return None;
        }
        *same += 1;
        taken.total += 1;
        Some(Seat {
            seats: self.clone(),
            ip,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total -= 1;
        if let Some(same) = taken.per_ip.get_mut(&self.ip) {
            *same -= 1;
            if *same == 0 {
                taken.per_ip.remove(&self.ip);
            }
        }
    }
}

/// Whom an address belongs to: a household has a whole /64 network of IPv6.
pub(crate) fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_gets_no_more_than_its_share() {
        let seats = Seats::new(3, 2);
        let first = seats.take(ip("10.0.0.1")).expect("a seat");
        let _second = seats.take(ip("10.0.0.1")).expect("a seat");
        assert!(seats.take(ip("10.0.0.1")).is_none());
        assert!(seats.take(ip("::ffff:10.0.0.1")).is_none());

        drop(first);
        assert!(seats.take(ip("10.0.0.1")).is_some());
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let seats = Seats::new(9, 1);
        let _first = seats.take(ip("2001:db8::1")).expect("a seat");
        assert!(seats.take(ip("2001:db8::2")).is_none());
        assert!(seats.take(ip("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn all_addresses_together_get_no_more_than_there_is() {
        let seats = Seats::new(2, 0);
        let _taken = [seats.take(ip("10.0.0.1")), seats.take(ip("10.0.0.2"))];
        assert!(seats.take(ip("10.0.0.3")).is_none());
    }
}

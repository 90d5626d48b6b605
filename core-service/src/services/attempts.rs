//! How often somebody may try to sign in: for one account, from one address, and in all.
//!
//! A device that somebody has signed in on before has tries of its own, so whoever guesses at an account, from however many
//! addresses, keeps its owner out nowhere but on devices that are new.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::devices::Device;
use crate::error::{Error, Result};
use crate::models::case_key;
use crate::settings::SessionSettings;

/// The time over which tries are counted.
const PERIOD: Duration = Duration::from_secs(300);
/// How many accounts or addresses are remembered before those that rest are forgotten.
const REMEMBERED: usize = 10_000;

/// Counts tries. An account that nobody has is counted like any other, so the count tells nothing about it.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    by_address: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    /// By account.
    strangers: Tries<String>,
    known: Tries<Device>,
}

/// The tries of those whom we do not know, or of those whom we do.
#[derive(Clone, Debug)]
struct Tries<K: Clone + Eq + Hash> {
    by_key: Arc<DefaultKeyedRateLimiter<K>>,
    in_all: Arc<DefaultDirectRateLimiter>,
}

impl Attempts {
    pub(super) fn new(settings: &SessionSettings) -> Self {
        Self {
            by_address: Arc::new(RateLimiter::keyed(quota(settings.tries_per_address))),
            strangers: Tries::new(settings),
            known: Tries::new(settings),
        }
    }

    /// Counts a try; refuses it where there were too many. The account's own limit comes last, so that nobody can use up
    /// somebody else's tries with ones that are refused anyway.
    pub(super) fn count(&self, email: &str, device: Option<Device>, address: Option<IpAddr>) -> Result<()> {
        self.count_from(address)?;
        match device {
            Some(device) => self.known.count(&device),
            None => self.strangers.count(&case_key(email)),
        }
    }

    /// Counts a try that names no account; refuses it where there were too many.
    pub(super) fn count_address(&self, address: Option<IpAddr>) -> Result<()> {
        self.count_from(address)?;
        self.strangers.in_all.check().map_err(wait)
    }

    fn count_from(&self, address: Option<IpAddr>) -> Result<()> {
        let (strangers, known) = (&self.strangers.by_key, &self.known.by_key);
        if self.by_address.len() + strangers.len() + known.len() > REMEMBERED {
            self.by_address.retain_recent();
            strangers.retain_recent();
            known.retain_recent();
        }
        match address {
            Some(address) => self.by_address.check_key(&network(address)).map_err(wait),
            None => Ok(()),
        }
    }
}

impl<K: Clone + Eq + Hash> Tries<K> {
    fn new(settings: &SessionSettings) -> Self {
        Self {
            by_key: Arc::new(RateLimiter::keyed(quota(settings.tries_per_account))),
            in_all: Arc::new(RateLimiter::direct(quota(settings.tries_in_all))),
        }
    }

    fn count(&self, key: &K) -> Result<()> {
        self.in_all.check().map_err(wait)?;
        self.by_key.check_key(key).map_err(wait)
    }
}

/// So many tries at once, and as many again over [`PERIOD`].
fn quota(tries: NonZeroU32) -> Quota {
    let replenished = Quota::with_period(PERIOD / tries.get());
    replenished
        .unwrap_or_else(|| Quota::per_second(tries))
        .allow_burst(tries)
}

/// One customer has many addresses of IPv6, but one /64 network.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

fn wait(until: governor::NotUntil<governor::clock::QuantaInstant>) -> Error {
    Error::TooManyTries(until.wait_time_from(governor::clock::DefaultClock::default().now()))
}

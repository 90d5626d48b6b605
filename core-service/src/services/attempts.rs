//! How often somebody may try to sign in: for one account, from one address, and in all.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

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
    by_account: Arc<DefaultKeyedRateLimiter<String>>,
    by_address: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    in_all: Arc<DefaultDirectRateLimiter>,
}

impl Attempts {
    pub(super) fn new(settings: &SessionSettings) -> Self {
        Self {
            by_account: Arc::new(RateLimiter::keyed(quota(settings.tries_per_account))),
            by_address: Arc::new(RateLimiter::keyed(quota(settings.tries_per_address))),
            in_all: Arc::new(RateLimiter::direct(quota(settings.tries_in_all))),
        }
    }

    /// Counts a try; refuses it where there were too many. The account's own limit comes last, so that nobody can use up
    /// somebody else's tries with ones that are refused anyway.
    pub(super) fn count(&self, email: &str, address: Option<IpAddr>) -> Result<()> {
        self.count_address(address)?;
        self.by_account.check_key(&case_key(email)).map_err(wait)
    }

    /// Counts a try that names no account; refuses it where there were too many.
    pub(super) fn count_address(&self, address: Option<IpAddr>) -> Result<()> {
        if self.by_account.len() + self.by_address.len() > REMEMBERED {
            self.by_account.retain_recent();
            self.by_address.retain_recent();
        }
        if let Some(address) = address {
            self.by_address.check_key(&network(address)).map_err(wait)?;
        }
        self.in_all.check().map_err(wait)
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

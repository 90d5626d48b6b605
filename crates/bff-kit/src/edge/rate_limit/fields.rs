//! How an answer tells what is left of a quota: `RateLimit-Policy` and `RateLimit`, as in
//! draft-ietf-httpapi-ratelimit-headers-11.

use std::time::Duration;

use governor::Quota;
use http::{HeaderMap, HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// A quota, as it is told.
#[derive(Debug)]
pub(super) struct Policy {
    /// What it is called.
    name: &'static str,
    /// How many requests there are per window …
    per_window: u32,
    /// … and how long it takes until there is one more.
    interval: Duration,
    field: HeaderValue,
}

/// How it stands with one quota.
#[derive(Debug)]
pub(in crate::edge) struct Standing<'p> {
    policy: &'p Policy,
    /// How many requests are left …
    left: u32,
    /// … and when there is more: all of them, or one where none is left.
    pub(super) wait: Duration,
}

impl Policy {
    pub(super) fn new(name: &'static str, quota: &Quota) -> Self {
        let per_window = quota.burst_size().get();
        let window = whole_seconds(quota.burst_size_replenished_in());
        Self {
            name,
            per_window,
            interval: quota.replenish_interval(),
            field: plain(format!("\"{name}\";q={per_window};w={window}")),
        }
    }

    /// So many are left.
    pub(super) fn standing(&self, left: u32) -> Standing<'_> {
        Standing {
            policy: self,
            left,
            wait: self.interval * (self.per_window - left.min(self.per_window)),
        }
    }

    /// None is left until then.
    pub(super) fn used_up(&self, wait: Duration) -> Standing<'_> {
        Standing {
            policy: self,
            left: 0,
            wait,
        }
    }
}

impl Standing<'_> {
    /// What the quota is called.
    pub(super) fn quota(&self) -> &'static str {
        self.policy.name
    }

    /// Writes it among the fields of an answer.
    pub(in crate::edge) fn write(&self, fields: &mut HeaderMap) {
        let left = format!(
            "\"{}\";r={};t={}",
            self.policy.name,
            self.left,
            whole_seconds(self.wait)
        );
        fields.insert(POLICY, self.policy.field.clone());
        fields.insert(LEFT, plain(left));
    }
}

/// Takes from the fields of an answer what is true for one client only.
pub(in crate::edge) fn forget(fields: &mut HeaderMap) {
    fields.remove(POLICY);
    fields.remove(LEFT);
}

fn plain(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("letters, digits and signs")
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

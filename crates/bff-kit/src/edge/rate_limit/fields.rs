//! How an answer tells what is left of a quota: `RateLimit-Policy` and `RateLimit`, as in
//! draft-ietf-httpapi-ratelimit-headers-11.

use std::time::Duration;

use axum::response::Response;
use governor::Quota;
use http::{HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// How it stands with one quota.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// What the quota is called.
    pub(super) quota: &'static str,
    /// How many requests there are per window …
    per_window: u32,
    window: Duration,
    /// … how many of them are left …
    left: u32,
    /// … and when there is more: all of them, or one where none is left.
    pub(super) wait: Duration,
}

impl Standing {
    pub(super) fn new(name: &'static str, quota: Quota, left: u32) -> Self {
        let per_window = quota.burst_size().get();
        Self {
            quota: name,
            per_window,
            window: quota.burst_size_replenished_in(),
            left,
            wait: quota.replenish_interval() * (per_window - left.min(per_window)),
        }
    }

    /// The same where none is left until then.
    pub(super) fn until(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// Writes it into the answer.
    pub(super) fn write(self, mut response: Response) -> Response {
        let Self { quota, left, .. } = self;
        let policy = format!(
            "\"{quota}\";q={};w={}",
            self.per_window,
            whole_seconds(self.window)
        );
        let left = format!("\"{quota}\";r={left};t={}", whole_seconds(self.wait));
        for (name, text) in [(POLICY, policy), (LEFT, left)] {
            let value = HeaderValue::try_from(text).expect("letters, digits and signs");
            response.headers_mut().insert(name, value);
        }
        response
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs_f64().ceil() as u64
}

//! How many requests one session, or one address without one, may make.
//!
//! Only a session that the core has accepted has a quota of its own; whatever else a request comes with is
//! charged to its address, so that making up tokens buys nothing.

mod fields;
mod known;

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use http::StatusCode;

use super::{
    CallContext, credential,
    stack::{Layer, Next},
};
use crate::{
    error::ApiError,
    settings::{GatewaySettings, RateLimitSettings},
};
pub(super) use fields::forget;
use fields::{Policy, Standing};
use known::Known;
pub(crate) use known::Session;

/// How often what has not been used for a while is forgotten.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// The quotas, and what is left of them.
#[derive(Debug)]
pub(crate) struct RateLimits {
    sessions: Option<Bucket<Session>>,
    addresses: Option<Bucket<IpAddr>>,
    known: Known,
    session_cookies: &'static [&'static str],
}

/// Requests per window, for each of many.
#[derive(Debug)]
struct Bucket<K: std::hash::Hash + Eq + Clone> {
    policy: Policy,
    limiter: Limiter<K>,
    clock: DefaultClock,
}

impl RateLimits {
    pub(crate) fn new(settings: &GatewaySettings, session_cookies: &'static [&'static str]) -> Arc<Self> {
        let RateLimitSettings {
            per_session,
            per_address,
            window,
        } = settings.rate_limit;
        Arc::new(Self {
            sessions: Bucket::new("session", per_session, window.get()),
            addresses: Bucket::new("address", per_address, window.get()),
            known: Known::default(),
            session_cookies,
        })
    }

    /// Forgets whoever has been away for a while, again and again.
    pub(crate) async fn sweep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            self.known.sweep();
            if let Some(sessions) = &self.sessions {
                sessions.sweep();
            }
            if let Some(addresses) = &self.addresses {
                addresses.sweep();
            }
        }
    }

    /// The session of a token that the core has accepted.
    pub(crate) fn session_of(&self, token: &str) -> Session {
        self.known.claim(token.as_bytes()).1
    }

    /// Takes a request from the quota of whoever makes it.
    pub(super) fn charge(
        &self,
        session: Option<Session>,
        address: IpAddr,
    ) -> Option<Result<Standing<'_>, Standing<'_>>> {
        match session {
            Some(session) => self.sessions.as_ref().map(|bucket| bucket.charge(&session)),
            None => self.addresses.as_ref().map(|bucket| bucket.charge(&address)),
        }
    }
}

impl<K: std::hash::Hash + Eq + Clone> Bucket<K> {
    /// Nothing where the quota is 0, which is any number.
    fn new(name: &'static str, per_window: u32, window: Duration) -> Option<Self> {
        let per_window = NonZeroU32::new(per_window)?;
        let quota = Quota::with_period(window / per_window.get())?.allow_burst(per_window);
        Some(Self {
            policy: Policy::new(name, &quota),
            limiter: RateLimiter::dashmap(quota).with_middleware(),
            clock: DefaultClock::default(),
        })
    }

    fn charge(&self, key: &K) -> Result<Standing<'_>, Standing<'_>> {
        match self.limiter.check_key(key) {
            Ok(state) => Ok(self.policy.standing(state.remaining_burst_capacity())),
            Err(until) => Err(self.policy.used_up(until.wait_time_from(self.clock.now()))),
        }
    }

    fn sweep(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// Refuses whoever asks too often.
impl Layer for RateLimits {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let Some(address) = CallContext::with(|context| context.address) else {
            return next.run(request).await;
        };
        let claimed = credential::of(request.headers(), self.session_cookies);
        let claimed = claimed.map(|token| self.known.claim(token));
        let session = claimed.and_then(|(token, _)| self.known.session_of(token));

        let standing = match self.charge(session, address) {
            Some(Err(standing)) => {
                metrics::counter!("rate_limited_total", "quota" => standing.quota()).increment(1);
                let error = ApiError::RateLimited {
                    retry_after: standing.wait,
                };
                let mut refusal = error.into_response();
                standing.write(refusal.headers_mut());
                return refusal;
            }
            Some(Ok(standing)) => Some(standing),
            None => None,
        };
        let mut response = next.run(request).await;

        match (claimed, session) {
            // What was good once is no longer: it has not been charged to the address yet.
            (Some((token, _)), Some(_)) if response.status() == StatusCode::UNAUTHORIZED => {
                self.known.forget(token);
                let _ = self.charge(None, address);
            }
            (Some(claimed), None) if CallContext::with(CallContext::is_accepted) == Some(true) => {
                self.known.add(claimed);
            }
            _ => {}
        }
        if let Some(standing) = standing {
            standing.write(response.headers_mut());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::{known::Token, *};

    /// How many of ten requests, each with another made-up token, get through a quota of three per address.
    fn let_through(session_of: impl Fn(&Known, (Token, Session)) -> Option<Session>) -> usize {
        let window = Duration::from_secs(60);
        let limits = RateLimits {
            sessions: Bucket::new("session", 100, window),
            addresses: Bucket::new("address", 3, window),
            known: Known::default(),
            session_cookies: &[],
        };
        let address = IpAddr::from([192, 0, 2, 1]);
        let passes = |number: &usize| {
            let claimed = limits.known.claim(&number.to_be_bytes());
            let session = session_of(&limits.known, claimed);
            limits
                .charge(session, address)
                .is_some_and(|standing| standing.is_ok())
        };
        (0..10).filter(passes).count()
    }

    #[test]
    fn tokens_that_nobody_accepted_share_the_quota_of_their_address() {
        assert_eq!(let_through(|known, (token, _)| known.session_of(token)), 3);
    }

    #[test]
    fn catches_a_limit_that_believes_every_token() {
        assert_eq!(let_through(|_, (_, session)| Some(session)), 10);
    }
}

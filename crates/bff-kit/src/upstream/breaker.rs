//! Leaves an upstream alone for a while after it has failed several times in a row.

use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_resilience_circuitbreaker::{
    CircuitBreakerConfigError, CircuitBreakerError, CircuitBreakerLayer, CircuitState, DefaultClassifier,
};

use super::{Failure, UpstreamSettings};

/// The breaker of one upstream. Once it is open, it lets one call try after the pause, and closes with its
/// success.
pub(super) struct Breaker {
    layer: CircuitBreakerLayer<DefaultClassifier>,
}

impl Breaker {
    pub(super) fn new(
        upstream: &'static str,
        settings: &UpstreamSettings,
    ) -> Result<Self, CircuitBreakerConfigError> {
        let open = metrics::gauge!("upstream_breaker_open", "upstream" => upstream);
        open.set(0);
        // Only a layer that is built with its handle has one state for all that goes through it.
        let (layer, _) = CircuitBreakerLayer::builder()
            .name(upstream)
            .consecutive_failures(settings.breaker_failures.get())
            .wait_duration_in_open(settings.breaker_pause.get())
            .permitted_calls_in_half_open(1)
            .on_state_transition(move |_, to| {
                tracing::warn!(upstream, state = ?to, "the breaker has moved");
                open.set(if to == CircuitState::Open { 1 } else { 0 });
            })
            .build_with_handle()?;
        Ok(Self { layer })
    }

    /// Makes the call, unless the upstream is to be left alone.
    pub(super) async fn call<T, F>(&self, call: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let breaker = self.layer.layer(service_fn(|call: F| call));
        breaker.oneshot(call).await.map_err(|error| match error {
            CircuitBreakerError::OpenCircuit => Failure::LeftAlone,
            CircuitBreakerError::Inner(failure) => failure,
        })
    }
}

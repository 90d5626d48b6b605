//! What a process says about itself: log lines and metrics.

mod context;

use std::{io::IsTerminal as _, sync::OnceLock};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{
    EnvFilter,
    filter::ParseError,
    util::{SubscriberInitExt as _, TryInitError},
};

pub use context::Context;
use context::InContext;

use crate::settings::{LogFormat, LogSettings};

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The level is none.
    #[error("log.level is neither a level (error, warn, info, debug, trace) nor directives")]
    Level(#[from] ParseError),
    /// Something else logs already.
    #[error("the log was started twice")]
    Log(#[from] TryInitError),
    /// Something else collects metrics already.
    #[error("the metrics cannot be collected")]
    Metrics(#[from] BuildError),
}

/// Starts the log, which goes to the standard error output, and the collection of metrics. Each line of the log says at its
/// end what `context` tells.
pub fn init(settings: &LogSettings, context: Context) -> Result<(), TelemetryError> {
    let filter = EnvFilter::builder().parse(&settings.level)?;
    let coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = tracing_subscriber::fmt()
        .with_ansi(coloured)
        .with_env_filter(filter)
        // Whoever read the log may have gone. To complain of that, to the same place, would be a panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match settings.format {
        LogFormat::Text => lines
            .map_event_format(|format| InContext::text(format.with_ansi(coloured), context))
            .finish()
            .try_init()?,
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .map_event_format(|format| InContext::json(format, context))
            .finish()
            .try_init()?,
    }
    metrics().map(|_| ())
}

/// The metrics that this process has collected so far; collects from the first call on.
pub(crate) fn metrics() -> Result<&'static PrometheusHandle, TelemetryError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle);
    }
    match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Ok(HANDLE.get_or_init(|| handle)),
        // Another thread was faster.
        Err(error) => HANDLE.get().ok_or(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_is_none_is_a_clear_error() {
        let settings = LogSettings {
            level: "=nonsense=".to_owned(),
            format: LogFormat::Text,
        };
        let error = init(&settings, |_| ()).expect_err("no level");
        assert!(error.to_string().starts_with("log.level"), "{error}");
    }
}

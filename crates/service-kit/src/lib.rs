//! What every process does: settings, telemetry, health, the admin port, shutdown.

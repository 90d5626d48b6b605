//! What every process of the cluster does in the same way: settings, telemetry, health, the admin
//! port and an orderly end.

pub mod admin;
pub mod health;
pub mod runtime;
pub mod settings;
pub mod shutdown;
pub mod telemetry;

//! The settings, as `settings.toml` documents them.

use bff_kit::GatewaySettings;
use serde::Deserialize;

/// The settings of this gateway.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// What every gateway has.
    #[serde(flatten)]
    pub gateway: GatewaySettings,
}

impl AsRef<GatewaySettings> for Settings {
    fn as_ref(&self) -> &GatewaySettings {
        &self.gateway
    }
}

//! The settings, as `settings.toml` documents them.

use bff_kit::GatewaySettings;
use serde::Deserialize;
use service_kit::settings::Period;

/// The settings of this gateway.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// What every gateway has.
    #[serde(flatten)]
    pub gateway: GatewaySettings,
    /// Files of books.
    pub files: FileSettings,
}

/// Files of books, in and out.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct FileSettings {
    /// How many bytes one that comes in may have.
    pub max_import_bytes: u64,
    /// How long the next bytes of one that comes in may be in coming.
    pub idle: Period,
    /// How long one may take.
    pub longest: Period,
}

impl AsRef<GatewaySettings> for Settings {
    fn as_ref(&self) -> &GatewaySettings {
        &self.gateway
    }
}

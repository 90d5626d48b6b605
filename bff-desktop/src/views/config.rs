//! `GET /config`: which versions of the app are served, for everybody, however old theirs is.

use axum::{Extension, Json};
use bff_kit::settings::ClientSettings;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::core::Core;

pub(super) fn routes(settings: Option<&ClientSettings>) -> OpenApiRouter<Core> {
    let config = settings.map(Config::from).unwrap_or_default();
    OpenApiRouter::new()
        .routes(routes!(show))
        .layer(Extension(config))
}

/// Which versions of the app are served.
#[utoipa::path(
    get, path = "/config", operation_id = "config", tag = "config",
    responses((status = 200, description = "The versions", body = Config))
)]
async fn show(Extension(config): Extension<Config>) -> Json<Config> {
    Json(config)
}

/// Which versions of the app are served.
#[derive(Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Config {
    /// Older ones are not served: the app has to be replaced before it can go on.
    minimum_version: Option<String>,
    /// Older ones go on working; it is time for a newer one all the same.
    recommended_version: Option<String>,
    /// Where to get a newer one.
    download_url: Option<String>,
}

impl From<&ClientSettings> for Config {
    fn from(settings: &ClientSettings) -> Self {
        Self {
            minimum_version: settings.minimum.map(|version| version.to_string()),
            recommended_version: settings.recommended.map(|version| version.to_string()),
            download_url: settings.download_url.clone(),
        }
    }
}

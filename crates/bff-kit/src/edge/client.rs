//! Which client is calling, by its own account, and whether it is too old to be served.

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::HeaderMap;

use super::{
    layers::route_of,
    stack::{Layer, Next},
};
use crate::{error::ApiError, manners::Manners, settings::ClientSettings, version::Version};

/// The version of the app.
const VERSION: &str = "x-client-version";
/// The system that it runs on.
const PLATFORM: &str = "x-client-platform";
/// The systems that there are; anything else is another one, so that no client can make up names for the
/// metrics.
const PLATFORMS: [&str; 6] = ["android", "ios", "linux", "macos", "web", "windows"];
/// What everybody needs to get to a newer version, or to understand why.
const OPEN: [&str; 2] = ["/config", "/openapi.json"];

/// Which clients are too old, and what they may do all the same.
pub(super) struct Gate {
    settings: Option<ClientSettings>,
    open: &'static [&'static str],
}

impl Gate {
    pub(super) fn new(settings: Option<&ClientSettings>, manners: Manners) -> Self {
        Self {
            settings: settings.cloned(),
            open: manners.open_to_old_clients,
        }
    }

    /// The error for a client that is too old for this route. Whoever does not say how old it is, or not so
    /// that it is understood, is not.
    pub(super) fn refusal(&self, route: &str, headers: &HeaderMap) -> Option<ApiError> {
        let settings = self.settings.as_ref()?;
        let minimum = settings.minimum?;
        let version: Version = headers.get(VERSION)?.to_str().ok()?.parse().ok()?;
        let open = OPEN.contains(&route) || self.open.contains(&route) || route.starts_with("/docs");
        (version < minimum && !open).then(|| ApiError::ClientTooOld {
            minimum: minimum.to_string(),
            download_url: settings.download_url.clone(),
        })
    }
}

impl Layer for Gate {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        match self.refusal(route_of(&request), request.headers()) {
            Some(refusal) => {
                let platform = platform(request.headers());
                metrics::counter!("clients_too_old_total", "platform" => platform).increment(1);
                refusal.into_response()
            }
            None => next.run(request).await,
        }
    }
}

/// The system that the client says it runs on.
pub(super) fn platform(headers: &HeaderMap) -> &'static str {
    let Some(told) = headers.get(PLATFORM) else {
        return "unknown";
    };
    let known = PLATFORMS
        .into_iter()
        .find(|name| told.as_bytes().eq_ignore_ascii_case(name.as_bytes()));
    known.unwrap_or("other")
}

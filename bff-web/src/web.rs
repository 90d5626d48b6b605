//! What the handlers share.

use axum::extract::FromRef;
use bff_kit::CoreChannel;

use crate::{core::Core, session::SessionCookie, settings::Settings};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) core: Core,
    pub(crate) cookie: SessionCookie,
    /// Whether clients of the Conduit contract get to see their token.
    pub(crate) shows_tokens: bool,
}

impl Web {
    pub(crate) fn new(settings: &Settings, channel: CoreChannel) -> Self {
        Self {
            core: Core::new(channel),
            cookie: SessionCookie::new(settings.gateway.server.https),
            shows_tokens: settings.conduit.tokens,
        }
    }
}

impl FromRef<Web> for Core {
    fn from_ref(web: &Web) -> Self {
        web.core.clone()
    }
}

impl FromRef<Web> for SessionCookie {
    fn from_ref(web: &Web) -> Self {
        web.cookie
    }
}

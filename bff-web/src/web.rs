//! What the handlers share.

use anyhow::Context as _;
use axum::extract::FromRef;
use bff_kit::CoreChannel;

use crate::{core::Core, library::Library, session::SessionCookie, settings::Settings};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Web {
    pub(crate) core: Core,
    /// None where the settings name none.
    pub(crate) library: Option<Library>,
    pub(crate) cookie: SessionCookie,
    /// Whether clients of the Conduit contract get to see their token.
    pub(crate) shows_tokens: bool,
}

impl Web {
    pub(crate) fn new(settings: &Settings, channel: CoreChannel) -> anyhow::Result<Self> {
        Ok(Self {
            core: Core::new(channel),
            library: Library::new(&settings.open_library).context("open_library")?,
            cookie: SessionCookie::new(settings.gateway.server.https),
            shows_tokens: settings.conduit.tokens,
        })
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

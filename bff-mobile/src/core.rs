//! What this gateway asks of the core. Each call names the fields that its screens show, and no others.

mod books;
mod changes;
mod orders;
mod posts;
mod users;

use bff_kit::{ApiResult, CoreChannel, Viewer};
use proto::users::v1::*;

pub(crate) use posts::PostFilter;

/// The core, as this gateway sees it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: CoreChannel,
}

impl Core {
    pub(crate) fn new(channel: CoreChannel) -> Self {
        Self { channel }
    }

    /// Signs in on this device.
    pub(crate) async fn sign_in(
        &self,
        email: String,
        password: String,
        device: String,
        known_device: String,
    ) -> ApiResult<CreateSessionResponse> {
        let request = CreateSessionRequest {
            email,
            password,
            device,
            known_device,
        };
        self.channel.write(request).await
    }

    /// Ends the viewer's session.
    pub(crate) async fn sign_out(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = DeleteSessionRequest {};
        self.channel.write_as(viewer, request).await
    }

    /// Gives the next pass for the refresh token of the last one.
    pub(crate) async fn refresh(&self, refresh_token: String) -> ApiResult<Pass> {
        let request = RefreshSessionRequest { refresh_token };
        self.channel.write(request).await
    }

    /// Where the viewer is signed in.
    pub(crate) async fn sessions(&self, viewer: &Viewer) -> ApiResult<ListSessionsResponse> {
        let request = ListSessionsRequest {};
        self.channel.read_as(viewer, request).await
    }

    /// Ends one of the viewer's sessions.
    pub(crate) async fn revoke_session(&self, viewer: &Viewer, id: i64) -> ApiResult<()> {
        let request = RevokeSessionRequest { id };
        self.channel.write_as(viewer, request).await
    }

    /// Ends all of the viewer's sessions but this one.
    pub(crate) async fn revoke_other_sessions(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = RevokeOtherSessionsRequest {};
        self.channel.write_as(viewer, request).await
    }
}

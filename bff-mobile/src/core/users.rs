//! Users and sessions.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::users::v1::*;

use super::Core;

impl Core {
    /// Creates an account.
    pub(crate) async fn register(&self, account: RegisterRequest) -> ApiResult<Account> {
        self.channel.write(account).await
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

    /// The viewer's own account.
    pub(crate) async fn account(&self, viewer: &Viewer) -> ApiResult<Account> {
        let request = GetAccountRequest {};
        self.channel.read_as(viewer, request).await
    }

    /// Changes the viewer's own account.
    pub(crate) async fn change_account(
        &self,
        viewer: &Viewer,
        change: UpdateAccountRequest,
    ) -> ApiResult<Account> {
        self.channel.write_as(viewer, change).await
    }

    /// The viewer follows somebody: their name, as they write it.
    pub(crate) async fn follow(&self, viewer: &Viewer, username: String) -> ApiResult<String> {
        let request = FollowRequest {
            username,
            read_mask: mask(&["username"]),
        };
        Ok(self.channel.write_as(viewer, request).await?.username)
    }

    /// The viewer follows somebody no longer: their name, as they write it.
    pub(crate) async fn unfollow(&self, viewer: &Viewer, username: String) -> ApiResult<String> {
        let request = UnfollowRequest {
            username,
            read_mask: mask(&["username"]),
        };
        Ok(self.channel.write_as(viewer, request).await?.username)
    }
}

//! One's own account, and other people.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::users::v1::*;

use super::Core;

impl Core {
    /// Creates an account.
    pub(crate) async fn register(&self, account: RegisterRequest) -> ApiResult<Account> {
        self.channel.write(account).await
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

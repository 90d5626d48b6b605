//! One's own account and sessions.

use bff_kit::{ApiResult, Viewer};
use proto::users::v1::*;

use super::Core;

impl Core {
    /// Signs in on this computer.
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

    /// Begins a sign-in with the OpenID provider.
    pub(crate) async fn begin_oidc(
        &self,
        redirect_uri: String,
        code_challenge: String,
    ) -> ApiResult<BeginFederatedSessionResponse> {
        let request = BeginFederatedSessionRequest {
            redirect_uri,
            code_challenge,
        };
        self.channel.write(request).await
    }

    /// Completes a sign-in with what the OpenID provider sent back.
    pub(crate) async fn complete_oidc(
        &self,
        request: CompleteFederatedSessionRequest,
    ) -> ApiResult<CreateSessionResponse> {
        self.channel.write(request).await
    }

    /// How one can sign in.
    pub(crate) async fn sign_in_methods(&self) -> ApiResult<SignInMethods> {
        let request = GetSignInMethodsRequest {};
        Ok(self.channel.read(request).await?.part)
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

    /// The viewer's account.
    pub(crate) async fn account(&self, viewer: &Viewer) -> ApiResult<Account> {
        let request = GetAccountRequest {};
        self.channel.read_as(viewer, request).await
    }
}

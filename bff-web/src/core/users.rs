//! Users and sessions.

use bff_kit::{Aged, ApiResult, Viewer, core::mask};
use proto::users::v1::*;

use super::{AT_MOST, Core};

/// What a profile shows.
const PROFILE: [&str; 4] = ["id", "username", "bio", "image"];
/// What the screen of somebody shows of them.
const PERSON: [&str; 5] = ["id", "username", "name", "bio", "image"];

impl Core {
    /// Creates an account.
    pub(crate) async fn register(
        &self,
        username: String,
        email: String,
        password: String,
    ) -> ApiResult<Account> {
        let request = RegisterRequest {
            username,
            email,
            password,
            name: String::new(),
        };
        self.channel.write(request).await
    }

    /// Signs in from a browser.
    pub(crate) async fn sign_in(
        &self,
        email: String,
        password: String,
        known_device: String,
    ) -> ApiResult<CreateSessionResponse> {
        let request = CreateSessionRequest {
            email,
            password,
            device: String::new(),
            known_device,
        };
        self.channel.write(request).await
    }

    /// Begins a sign-in with the OpenID provider.
    pub(crate) async fn begin_oidc(
        &self,
        code_challenge: String,
    ) -> ApiResult<BeginFederatedSessionResponse> {
        let request = BeginFederatedSessionRequest {
            redirect_uri: String::new(),
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

    /// Somebody's profile.
    pub(crate) async fn profile(&self, username: String) -> ApiResult<User> {
        let request = GetUserRequest {
            key: Some(get_user_request::Key::Username(username)),
            read_mask: mask(&PROFILE),
        };
        Ok(self.channel.read(request).await?.part)
    }

    /// Somebody, for their screen.
    pub(crate) async fn person(&self, username: String) -> ApiResult<Aged<User>> {
        let request = GetUserRequest {
            key: Some(get_user_request::Key::Username(username)),
            read_mask: mask(&PERSON),
        };
        self.channel.read(request).await
    }

    /// The viewer follows somebody: the profile.
    pub(crate) async fn follow(&self, viewer: &Viewer, username: String) -> ApiResult<User> {
        let request = FollowRequest {
            username,
            read_mask: mask(&PROFILE),
        };
        self.channel.write_as(viewer, request).await
    }

    /// The viewer follows somebody no longer: the profile.
    pub(crate) async fn unfollow(&self, viewer: &Viewer, username: String) -> ApiResult<User> {
        let request = UnfollowRequest {
            username,
            read_mask: mask(&PROFILE),
        };
        self.channel.write_as(viewer, request).await
    }

    /// Which of these users the viewer follows; none for a guest. Also refuses a token that is not valid,
    /// even where there are no users.
    pub(crate) async fn followed(&self, viewer: Option<&Viewer>, user_ids: Vec<i64>) -> ApiResult<Vec<i64>> {
        let Some(viewer) = viewer else {
            return Ok(Vec::new());
        };
        let mut followed = Vec::new();
        let mut rest = user_ids;
        loop {
            let later = rest.split_off(rest.len().min(AT_MOST));
            let request = BatchGetUserViewerStatesRequest { user_ids: rest };
            let found = self.channel.read_as(viewer, request).await?;
            let states = found.states.into_iter().filter(|state| state.following);
            followed.extend(states.map(|state| state.user_id));
            if later.is_empty() {
                return Ok(followed);
            }
            rest = later;
        }
    }
}

//! Users and sessions.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::users::v1::{
    session_service_client::SessionServiceClient as Sessions,
    user_service_client::UserServiceClient as Users, *,
};

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
        self.channel
            .write(request, async |c, r| Users::new(c).register(r).await)
            .await
    }

    /// Signs in from a browser.
    pub(crate) async fn sign_in(&self, email: String, password: String) -> ApiResult<CreateSessionResponse> {
        let request = CreateSessionRequest {
            email,
            password,
            device: String::new(),
        };
        self.channel
            .write(request, async |c, r| Sessions::new(c).create_session(r).await)
            .await
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
        self.channel
            .write(request, async |c, r| {
                Sessions::new(c).begin_federated_session(r).await
            })
            .await
    }

    /// Completes a sign-in with what the OpenID provider sent back.
    pub(crate) async fn complete_oidc(
        &self,
        request: CompleteFederatedSessionRequest,
    ) -> ApiResult<CreateSessionResponse> {
        self.channel
            .write(request, async |c, r| {
                Sessions::new(c).complete_federated_session(r).await
            })
            .await
    }

    /// How one can sign in.
    pub(crate) async fn sign_in_methods(&self) -> ApiResult<SignInMethods> {
        let request = GetSignInMethodsRequest {};
        self.channel
            .read(request, async |c, r| {
                Sessions::new(c).get_sign_in_methods(r).await
            })
            .await
    }

    /// Ends the viewer's session.
    pub(crate) async fn sign_out(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = DeleteSessionRequest {};
        self.channel
            .write_as(viewer, request, async |c, r| {
                Sessions::new(c).delete_session(r).await
            })
            .await
    }

    /// Where the viewer is signed in.
    pub(crate) async fn sessions(&self, viewer: &Viewer) -> ApiResult<ListSessionsResponse> {
        let request = ListSessionsRequest {};
        self.channel
            .read_as(viewer, request, async |c, r| {
                Sessions::new(c).list_sessions(r).await
            })
            .await
    }

    /// Ends one of the viewer's sessions.
    pub(crate) async fn revoke_session(&self, viewer: &Viewer, id: i64) -> ApiResult<()> {
        let request = RevokeSessionRequest { id };
        self.channel
            .write_as(viewer, request, async |c, r| {
                Sessions::new(c).revoke_session(r).await
            })
            .await
    }

    /// Ends all of the viewer's sessions but this one.
    pub(crate) async fn revoke_other_sessions(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = RevokeOtherSessionsRequest {};
        self.channel
            .write_as(viewer, request, async |c, r| {
                Sessions::new(c).revoke_other_sessions(r).await
            })
            .await
    }

    /// The viewer's own account.
    pub(crate) async fn account(&self, viewer: &Viewer) -> ApiResult<Account> {
        let request = GetAccountRequest {};
        self.channel
            .read_as(viewer, request, async |c, r| Users::new(c).get_account(r).await)
            .await
    }

    /// Changes the viewer's own account.
    pub(crate) async fn change_account(
        &self,
        viewer: &Viewer,
        change: UpdateAccountRequest,
    ) -> ApiResult<Account> {
        self.channel
            .write_as(viewer, change, async |c, r| Users::new(c).update_account(r).await)
            .await
    }

    /// Somebody's profile.
    pub(crate) async fn profile(&self, username: String) -> ApiResult<User> {
        let request = GetUserRequest {
            key: Some(get_user_request::Key::Username(username)),
            read_mask: mask(&PROFILE),
        };
        self.channel
            .read(request, async |c, r| Users::new(c).get_user(r).await)
            .await
    }

    /// Somebody, for their screen.
    pub(crate) async fn person(&self, username: String) -> ApiResult<User> {
        let request = GetUserRequest {
            key: Some(get_user_request::Key::Username(username)),
            read_mask: mask(&PERSON),
        };
        self.channel
            .read(request, async |c, r| Users::new(c).get_user(r).await)
            .await
    }

    /// The viewer follows somebody: the profile.
    pub(crate) async fn follow(&self, viewer: &Viewer, username: String) -> ApiResult<User> {
        let request = FollowRequest {
            username,
            read_mask: mask(&PROFILE),
        };
        self.channel
            .write_as(viewer, request, async |c, r| Users::new(c).follow(r).await)
            .await
    }

    /// The viewer follows somebody no longer: the profile.
    pub(crate) async fn unfollow(&self, viewer: &Viewer, username: String) -> ApiResult<User> {
        let request = UnfollowRequest {
            username,
            read_mask: mask(&PROFILE),
        };
        self.channel
            .write_as(viewer, request, async |c, r| Users::new(c).unfollow(r).await)
            .await
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
            let method = async |c, r| Users::new(c).batch_get_user_viewer_states(r).await;
            let found = self.channel.read_as(viewer, request, method).await?;
            let states = found.states.into_iter().filter(|state| state.following);
            followed.extend(states.map(|state| state.user_id));
            if later.is_empty() {
                return Ok(followed);
            }
            rest = later;
        }
    }
}

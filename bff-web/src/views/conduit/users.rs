//! `/api/users` and `/api/user`: registering, signing in, and one's own account.

use axum::{
    Json,
    extract::State,
    response::{AppendHeaders, IntoResponse as _, Response},
};
use bff_kit::core::mask;
use http::{HeaderMap, StatusCode, header::SET_COOKIE};
use proto::users::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    error::{ConduitResult, Errors},
    input::{Conduit, Fields, Input, Sent},
};
use crate::{
    session::{SignedIn, known_device},
    web::Web,
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(login))
        .routes(routes!(show, update))
}

/// Create an account and sign in.
#[utoipa::path(
    post, path = "/api/users", operation_id = "register", tag = "conduit", request_body = Registration,
    extensions(("x-problems" = json!(["TAKEN"]))),
    responses(
        (status = 201, description = "Registered and signed in", body = UserAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn register(
    State(web): State<Web>,
    Sent(Registration { user }): Sent<Registration>,
) -> ConduitResult<Response> {
    let NewUser {
        username,
        email,
        password,
    } = user;
    web.core
        .register(username, email.clone(), password.clone())
        .await?;
    let session = web.core.sign_in(email, password, String::new()).await?;
    Ok(signed_in(&web, StatusCode::CREATED, session))
}

/// Sign in.
#[utoipa::path(
    post, path = "/api/users/login", operation_id = "login", tag = "conduit", request_body = Login,
    extensions(("x-problems" = json!(["CREDENTIALS_INVALID"]))),
    responses(
        (status = 200, description = "Signed in", body = UserAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn login(
    State(web): State<Web>,
    headers: HeaderMap,
    Sent(Login { user }): Sent<Login>,
) -> ConduitResult<Response> {
    let known = known_device::find(web.cookie, &headers);
    let session = web.core.sign_in(user.email, user.password, known).await?;
    Ok(signed_in(&web, StatusCode::OK, session))
}

/// One's own account.
#[utoipa::path(
    get, path = "/api/user", operation_id = "getUser", tag = "conduit", security(("token" = [])),
    responses(
        (status = 200, description = "The account", body = UserAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn show(State(web): State<Web>, Conduit(viewer): Conduit<SignedIn>) -> ConduitResult<Json<UserAnswer>> {
    let account = web.core.account(&viewer).await?;
    Ok(Json(UserAnswer::new(account, shown(&web, &viewer))))
}

/// Change one's own account; the token goes on working.
#[utoipa::path(
    put, path = "/api/user", operation_id = "updateUser", tag = "conduit", security(("token" = [])),
    request_body = UserUpdate,
    extensions(("x-problems" = json!(["TAKEN"]))),
    responses(
        (status = 200, description = "The account", body = UserAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn update(
    State(web): State<Web>,
    Conduit(viewer): Conduit<SignedIn>,
    Sent(UserUpdate { user }): Sent<UserUpdate>,
) -> ConduitResult<Json<UserAnswer>> {
    let account = match user.into_request() {
        Some(change) => web.core.change_account(&viewer, change).await?,
        None => web.core.account(&viewer).await?,
    };
    Ok(Json(UserAnswer::new(account, shown(&web, &viewer))))
}

/// The answer to somebody who has just signed in: with the token, or with a cookie in its place.
fn signed_in(web: &Web, status: StatusCode, session: message::CreateSessionResponse) -> Response {
    let account = session.account.unwrap_or_default();
    let pass = session.pass.unwrap_or_default();
    if web.shows_tokens {
        let user = UserAnswer::new(account, Some(pass.token));
        return (status, Json(user)).into_response();
    }
    let ends_at = pass.session_expires_at.map(|moment| moment.seconds);
    let cookie = (SET_COOKIE, web.cookie.set(&pass.token, ends_at));
    let known = known_device::set(web.cookie, &session.known_device);
    let cookies = AppendHeaders(std::iter::once(cookie).chain(known));
    (status, cookies, Json(UserAnswer::new(account, None))).into_response()
}

/// The token that came in, where clients get to see theirs.
fn shown(web: &Web, viewer: &SignedIn) -> Option<String> {
    let token = viewer.token_to_show().filter(|_| web.shows_tokens);
    token.map(str::to_owned)
}

/// A new account under its key.
#[derive(ToSchema)]
struct Registration {
    user: NewUser,
}

/// A new account.
#[derive(ToSchema)]
struct NewUser {
    username: String,
    email: String,
    /// At least 8 characters.
    #[schema(format = Password)]
    password: String,
}

/// Who signs in, under its key.
#[derive(ToSchema)]
struct Login {
    user: Credentials,
}

/// Who signs in.
#[derive(ToSchema)]
#[schema(as = UserCredentials)]
struct Credentials {
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// Changes to an account under their key.
#[derive(ToSchema)]
struct UserUpdate {
    user: UserPatch,
}

/// Changes to an account; what is left out stays as it is.
#[derive(ToSchema)]
struct UserPatch {
    #[schema(nullable = false)]
    username: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false, format = Password)]
    password: Option<String>,
    /// Null or an empty one clears it.
    bio: Option<String>,
    /// Address of a picture; null or an empty one clears it.
    image: Option<String>,
}

impl Input for Registration {
    const KEY: &'static str = "user";

    fn read(fields: &mut Fields) -> Self {
        let user = NewUser {
            username: fields.required("username"),
            email: fields.required("email"),
            password: fields.required("password"),
        };
        Self { user }
    }
}

impl Input for Login {
    const KEY: &'static str = "user";

    fn read(fields: &mut Fields) -> Self {
        let user = Credentials {
            email: fields.required("email"),
            password: fields.required("password"),
        };
        Self { user }
    }
}

impl Input for UserUpdate {
    const KEY: &'static str = "user";

    fn read(fields: &mut Fields) -> Self {
        let user = UserPatch {
            username: fields.changed("username"),
            email: fields.changed("email"),
            password: fields.changed("password"),
            bio: fields.clearable("bio"),
            image: fields.clearable("image"),
        };
        Self { user }
    }
}

impl UserPatch {
    /// What the core is told; nothing where nothing is to change.
    fn into_request(self) -> Option<message::UpdateAccountRequest> {
        let changed = [
            ("username", &self.username),
            ("email", &self.email),
            ("password", &self.password),
            ("bio", &self.bio),
            ("image", &self.image),
        ];
        let changed: Vec<_> = changed
            .iter()
            .filter_map(|(name, value)| value.as_ref().map(|_| *name))
            .collect();
        (!changed.is_empty()).then(|| message::UpdateAccountRequest {
            update_mask: mask(&changed),
            username: self.username.unwrap_or_default(),
            email: self.email.unwrap_or_default(),
            password: self.password.unwrap_or_default(),
            bio: self.bio.unwrap_or_default(),
            image: self.image.unwrap_or_default(),
            name: String::new(),
        })
    }
}

/// One's own account under its key.
#[derive(Serialize, ToSchema)]
struct UserAnswer {
    user: User,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
struct User {
    email: String,
    /// Works until one signs out; not there for sessions that are kept in a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
    username: String,
    bio: Option<String>,
    image: Option<String>,
}

impl UserAnswer {
    fn new(account: message::Account, token: Option<String>) -> Self {
        let user = account.user.unwrap_or_default();
        Self {
            user: User {
                email: account.email,
                token,
                username: user.username,
                bio: user.bio,
                image: user.image,
            },
        }
    }
}

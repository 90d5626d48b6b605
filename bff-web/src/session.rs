//! `/api/session`: signing in and out from a browser, which keeps the token in a cookie that no script
//! can read.

mod cookie;
mod csrf;
pub(crate) mod known_device;
mod oidc;
mod signed_in;

use axum::{
    Json,
    extract::State,
    response::{AppendHeaders, IntoResponse as _, Response},
};
use bff_kit::{ApiError, ApiResult, Body, Viewer};
use http::{HeaderMap, HeaderValue, StatusCode, header::SET_COOKIE};
use proto::users::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, web::Web};

pub(crate) use cookie::{COOKIES, SessionCookie};
pub(crate) use csrf::Guard;
pub(crate) use signed_in::SignedIn;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(sign_in, show, sign_out))
        .merge(oidc::routes())
}

/// Sign in: the answer sets the cookie of a new session. One that the browser had before is over.
#[utoipa::path(
    post, path = "/api/session", operation_id = "signIn", tag = "session", request_body = Credentials,
    params((
        "x-csrf" = String, Header,
        description = "`1`: says that a page of ours means it", pattern = "^1$", example = "1"
    )),
    extensions(("x-problems" = json!(["CREDENTIALS_INVALID"]))),
    responses((
        status = 200, description = "Signed in", body = Me,
        headers(("set-cookie" = String, description = "The session's cookie, and one by which this browser is known"))
    ))
)]
async fn sign_in(
    State(core): State<Core>,
    State(cookie): State<SessionCookie>,
    headers: HeaderMap,
    Body(credentials): Body<Credentials>,
) -> ApiResult<Response> {
    let known = known_device::find(cookie, &headers);
    let session = core
        .sign_in(credentials.email, credentials.password, known)
        .await?;
    let known = known_device::set(cookie, &session.known_device);
    let set = replace(&core, cookie, &headers, session.pass.unwrap_or_default()).await;
    let me = Me::from(session.account.unwrap_or_default());
    let cookies = std::iter::once((SET_COOKIE, set)).chain(known);
    Ok((AppendHeaders(cookies), Json(me)).into_response())
}

/// Ends the session that the browser had before, if it shows one; the cookie of the new one.
async fn replace(
    core: &Core,
    cookie: SessionCookie,
    headers: &HeaderMap,
    pass: message::Pass,
) -> HeaderValue {
    if let Ok(Some(before)) = cookie.find(headers)
        && let Ok(before) = Viewer::with_token(before)
        && let Err(error) = core.sign_out(&before).await
    {
        error.log(); // It ends by itself, a little later.
    }
    cookie.set(&pass.token, pass.session_expires_at.map(|moment| moment.seconds))
}

/// Who is signed in.
#[utoipa::path(
    get, path = "/api/session", operation_id = "currentSession", tag = "session", security(("token" = [])),
    responses((status = 200, description = "Whoever is signed in", body = Me))
)]
async fn show(State(core): State<Core>, viewer: SignedIn) -> ApiResult<Json<Me>> {
    Ok(Json(core.account(&viewer).await?.into()))
}

/// Sign out: the session is over and its cookie cleared. A session that is over already is no mistake.
#[utoipa::path(
    delete, path = "/api/session", operation_id = "signOut", tag = "session", security(("token" = [])),
    responses((
        status = 204, description = "Signed out",
        headers(("set-cookie" = String, description = "Takes the session's cookie away"))
    ))
)]
async fn sign_out(
    State(core): State<Core>,
    State(cookie): State<SessionCookie>,
    viewer: SignedIn,
) -> ApiResult<Response> {
    match core.sign_out(&viewer).await {
        Ok(()) | Err(ApiError::TokenInvalid) => {
            Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie.clear())]).into_response())
        }
        Err(error) => Err(error),
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// The account of whoever is signed in.
#[derive(Serialize, ToSchema)]
struct Me {
    username: String,
    /// The name to show; empty where none was given.
    name: String,
    email: String,
    bio: Option<String>,
    image: Option<String>,
    role: Role,
}

/// What somebody may do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Role {
    Reader,
    Staff,
    Admin,
}

impl From<message::Account> for Me {
    fn from(account: message::Account) -> Self {
        let role = account.role().into();
        let user = account.user.unwrap_or_default();
        Self {
            username: user.username,
            name: user.name,
            email: account.email,
            bio: user.bio,
            image: user.image,
            role,
        }
    }
}

impl From<message::Role> for Role {
    fn from(role: message::Role) -> Self {
        match role {
            message::Role::Unspecified | message::Role::Reader => Self::Reader,
            message::Role::Staff => Self::Staff,
            message::Role::Admin => Self::Admin,
        }
    }
}

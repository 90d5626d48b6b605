//! `POST /v1/auth/login`, `/refresh` and `/logout`, and who may use everything else: the app keeps the tokens in the
//! computer's safe, sends the access token as `Authorization: Bearer …`, and gets the next pair with the refresh token
//! every few minutes.

mod oidc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use bff_kit::{ApiError, ApiResult, Body, Timestamp, Viewer};
use proto::users::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::core::Core;

/// The routes.
pub(crate) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .merge(oidc::routes())
}

/// Sign in on this computer. Staff and admins only.
#[utoipa::path(
    post, path = "/v1/auth/login", operation_id = "login", tag = "session", request_body = Login,
    extensions(("x-problems" = json!(["CREDENTIALS_INVALID", "FORBIDDEN"]))),
    responses((status = 200, description = "Signed in", body = Session))
)]
async fn login(State(core): State<Core>, Body(login): Body<Login>) -> ApiResult<Json<Session>> {
    let (device, known_device) = (login.device, login.known_device);
    let session = core
        .sign_in(
            login.email,
            login.password,
            device.unwrap_or_default(),
            known_device.unwrap_or_default(),
        )
        .await?;
    Ok(Json(session.into()))
}

/// Get the next pair of tokens, before the access token ends or once it has.
///
/// Where the answer was lost, ask again with the same refresh token. One that was replaced and is used all the same
/// ends the session, because two seem to have it.
#[utoipa::path(
    post, path = "/v1/auth/refresh", operation_id = "refresh", tag = "session", request_body = Refresh,
    extensions(("x-problems" = json!(["TOKEN_INVALID"]))),
    responses((status = 200, description = "The next tokens", body = Tokens))
)]
async fn refresh(State(core): State<Core>, Body(refresh): Body<Refresh>) -> ApiResult<Json<Tokens>> {
    Ok(Json(core.refresh(refresh.refresh_token).await?.into()))
}

/// Sign out: the tokens are worth nothing from now on.
#[utoipa::path(
    post, path = "/v1/auth/logout", operation_id = "logout", tag = "session", security(("token" = [])),
    responses((status = 204, description = "Signed out"))
)]
async fn logout(State(core): State<Core>, viewer: Viewer) -> ApiResult<StatusCode> {
    core.sign_out(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody of the staff. As an argument of a handler it refuses everybody else, before anything else of
/// the request is looked at; the core would refuse them as well.
pub(crate) struct Staff {
    /// To make calls for.
    pub(crate) viewer: Viewer,
    /// Who it is.
    pub(crate) account: message::Account,
}

impl FromRequestParts<Core> for Staff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> ApiResult<Self> {
        let viewer = <Viewer as FromRequestParts<Core>>::from_request_parts(parts, core).await?;
        let account = core.account(&viewer).await?;
        match account.role() {
            message::Role::Staff | message::Role::Admin => Ok(Self { viewer, account }),
            message::Role::Reader | message::Role::Unspecified => Err(ApiError::Forbidden {
                resource: String::new(),
            }),
        }
    }
}

/// Who signs in, and where.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    email: String,
    #[schema(format = Password)]
    password: String,
    /// What the owner calls the computer.
    device: Option<String>,
    /// What the last sign-in on this computer answered with.
    #[schema(format = Password)]
    known_device: Option<String>,
}

/// Asks for the next tokens.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Refresh {
    #[schema(format = Password)]
    refresh_token: String,
}

/// A session that has just begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    #[serde(flatten)]
    tokens: Tokens,
    /// To keep, also after signing out, and to send with the next sign-in on this computer: then nobody who guesses at the
    /// password can use up its tries.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    known_device: String,
    account: Account,
}

/// What a session is proved with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    /// Goes with each request, as `Authorization: Bearer …`.
    access_token: String,
    /// When the access token ends.
    access_token_ends_at: Timestamp,
    /// For the next pair.
    refresh_token: String,
    /// When the session ends, however often it is refreshed.
    session_ends_at: Timestamp,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    id: i64,
    username: String,
    name: String,
    email: String,
    role: Role,
}

/// What somebody of the staff may do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Role {
    /// Keeps the shop: books, stock.
    Staff,
    /// Also keeps the staff.
    Admin,
}

impl From<message::Pass> for Tokens {
    fn from(pass: message::Pass) -> Self {
        Self {
            access_token: pass.token,
            access_token_ends_at: pass.token_expires_at.into(),
            refresh_token: pass.refresh_token,
            session_ends_at: pass.session_expires_at.into(),
        }
    }
}

impl From<message::CreateSessionResponse> for Session {
    fn from(session: message::CreateSessionResponse) -> Self {
        Self {
            tokens: session.pass.unwrap_or_default().into(),
            known_device: session.known_device,
            account: session.account.unwrap_or_default().into(),
        }
    }
}

impl From<message::Account> for Account {
    fn from(account: message::Account) -> Self {
        let role = match account.role() {
            message::Role::Admin => Role::Admin,
            _ => Role::Staff,
        };
        let user = account.user.unwrap_or_default();
        Self {
            id: user.id,
            username: user.username,
            name: user.name,
            email: account.email,
            role,
        }
    }
}

//! `POST /v1/auth/login` and `POST /v1/auth/logout`, and who may use everything else: the app keeps the
//! token in the computer's safe and sends it as `Authorization: Bearer …`.

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
        .routes(routes!(logout))
}

/// Sign in on this computer. Staff and admins only.
#[utoipa::path(
    post, path = "/v1/auth/login", operation_id = "login", tag = "session", request_body = Login,
    responses((status = 200, description = "Signed in", body = Session))
)]
async fn login(State(core): State<Core>, Body(login): Body<Login>) -> ApiResult<Json<Session>> {
    let session = core
        .sign_in(login.email, login.password, login.device.unwrap_or_default())
        .await?;
    Ok(Json(session.into()))
}

/// Sign out: the token is worth nothing from now on.
#[utoipa::path(
    post, path = "/v1/auth/logout", operation_id = "logout", tag = "session", security(("token" = [])),
    responses((status = 204, description = "Signed out"))
)]
async fn logout(State(core): State<Core>, viewer: Viewer) -> ApiResult<StatusCode> {
    core.sign_out(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody of the staff. As an argument of a handler it refuses everybody else, before anything else of
/// the request is looked at: the core serves what is public to any caller, this gateway does not.
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
}

/// A session that has just begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Session {
    /// The secret that names it.
    token: String,
    /// When it ends by itself.
    expires_at: Timestamp,
    account: Account,
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

impl From<message::CreateSessionResponse> for Session {
    fn from(session: message::CreateSessionResponse) -> Self {
        Self {
            token: session.token,
            expires_at: session.expires_at.into(),
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

//! `POST /v1/auth/login` and `POST /v1/auth/logout`: the app keeps the token in the device's safe and
//! sends it as `Authorization: Bearer …`.

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Body, Timestamp, Viewer};
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

/// Sign in on this device.
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
async fn logout(State(core): State<Core>, viewer: Viewer) -> ApiResult<axum::http::StatusCode> {
    core.sign_out(&viewer).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Who signs in, and where.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    email: String,
    #[schema(format = Password)]
    password: String,
    /// What the owner calls the device.
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
    user: Me,
}

/// Who signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Me {
    username: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl From<message::CreateSessionResponse> for Session {
    fn from(session: message::CreateSessionResponse) -> Self {
        let user = session
            .account
            .and_then(|account| account.user)
            .unwrap_or_default();
        Self {
            token: session.token,
            expires_at: session.expires_at.into(),
            user: Me {
                username: user.username,
                name: user.name,
                image: user.image,
            },
        }
    }
}

//! `POST /v1/auth/login`, `/refresh` and `/logout`: the app keeps the tokens in the device's safe, sends the access token
//! as `Authorization: Bearer …`, and gets the next pair with the refresh token every few minutes.

use axum::{Json, extract::State, http::StatusCode};
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
        .routes(routes!(refresh))
        .routes(routes!(logout))
}

/// Sign in on this device.
#[utoipa::path(
    post, path = "/v1/auth/login", operation_id = "login", tag = "session", request_body = Login,
    extensions(("x-problems" = json!(["CREDENTIALS_INVALID"]))),
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

/// Who signs in, and where.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Login {
    email: String,
    #[schema(format = Password)]
    password: String,
    /// What the owner calls the device.
    device: Option<String>,
    /// What the last sign-in on this device answered with.
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
    /// To keep, also after signing out, and to send with the next sign-in on this device: then nobody who guesses at the
    /// password can use up its tries.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    known_device: String,
    user: Me,
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

/// Who signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Me {
    username: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
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
        let user = session
            .account
            .and_then(|account| account.user)
            .unwrap_or_default();
        Self {
            tokens: session.pass.unwrap_or_default().into(),
            known_device: session.known_device,
            user: Me {
                username: user.username,
                name: user.name,
                image: user.image,
            },
        }
    }
}

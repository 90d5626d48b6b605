//! `/api/sessions`: the devices that somebody is signed in on, and signing out on them.

use axum::{Json, extract::State, http::StatusCode};
use bff_kit::{ApiResult, Path, Timestamp};
use proto::users::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, revoke_others))
        .routes(routes!(revoke))
}

/// Where one is signed in, the device that was used last first.
#[utoipa::path(
    get, path = "/api/sessions", operation_id = "sessions", tag = "session", security(("token" = [])),
    responses((status = 200, description = "The sessions that go on", body = Devices))
)]
async fn list(State(core): State<Core>, viewer: SignedIn) -> ApiResult<Json<Devices>> {
    let found = core.sessions(&viewer).await?;
    let items = found.sessions.into_iter().map(Device::from).collect();
    Ok(Json(Devices { items }))
}

/// Sign out on one device.
#[utoipa::path(
    delete, path = "/api/sessions/{id}", operation_id = "revokeSession", tag = "session", security(("token" = [])),
    params(("id" = i64, Path, description = "The session's number")),
    responses((status = 204, description = "Signed out there"))
)]
async fn revoke(State(core): State<Core>, viewer: SignedIn, Path(id): Path<i64>) -> ApiResult<StatusCode> {
    core.revoke_session(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out everywhere else.
#[utoipa::path(
    delete, path = "/api/sessions", operation_id = "revokeOtherSessions", tag = "session", security(("token" = [])),
    responses((status = 204, description = "Signed in nowhere but here"))
)]
async fn revoke_others(State(core): State<Core>, viewer: SignedIn) -> ApiResult<StatusCode> {
    core.revoke_other_sessions(&viewer).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The devices.
#[derive(Serialize, ToSchema)]
struct Devices {
    items: Vec<Device>,
}

/// A device that somebody is signed in on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Device {
    id: i64,
    client: Client,
    /// What its owner calls it; may be empty.
    name: String,
    signed_in_at: Timestamp,
    /// When it was last used, within a minute or so.
    used_at: Timestamp,
    /// When it is signed out by itself.
    ends_at: Timestamp,
    /// Whether it is the one that asks.
    current: bool,
}

/// What runs on a device.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Client {
    Web,
    Mobile,
    Desktop,
}

impl From<message::Session> for Device {
    fn from(session: message::Session) -> Self {
        let client = match session.client() {
            message::Client::Web | message::Client::Unspecified => Client::Web,
            message::Client::Mobile => Client::Mobile,
            message::Client::Desktop => Client::Desktop,
        };
        Self {
            id: session.id,
            client,
            name: session.device,
            signed_in_at: session.created_at.into(),
            used_at: session.used_at.into(),
            ends_at: session.expires_at.into(),
            current: session.current,
        }
    }
}

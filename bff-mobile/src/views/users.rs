//! `POST /v1/users`: registering. Signing in afterwards is `POST /v1/auth/login`.

use axum::{Json, extract::State, http::StatusCode};
use bff_kit::{ApiResult, Body};
use proto::users::v1 as message;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::Account};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(register))
}

/// Register.
#[utoipa::path(
    post, path = "/v1/users", operation_id = "register", tag = "writes", request_body = NewUser,
    responses((status = 201, description = "The account", body = Account))
)]
async fn register(
    State(core): State<Core>,
    Body(user): Body<NewUser>,
) -> ApiResult<(StatusCode, Json<Account>)> {
    let account = core.register(user.into()).await?;
    Ok((StatusCode::CREATED, Json(account.into())))
}

/// Somebody new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    username: String,
    email: String,
    #[schema(format = Password)]
    password: String,
    /// The name to show.
    name: Option<String>,
}

impl From<NewUser> for message::RegisterRequest {
    fn from(user: NewUser) -> Self {
        Self {
            username: user.username,
            email: user.email,
            password: user.password,
            name: user.name.unwrap_or_default(),
        }
    }
}

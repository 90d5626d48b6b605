//! `GET` and `PATCH /v1/me`: one's own account, to look at and to change.

use axum::{Json, extract::State};
use bff_kit::{
    ApiError, ApiResult, Body, Viewer,
    core::mask,
    error::{Violation, ViolationKind},
    input::present,
};
use proto::users::v1 as message;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{core::Core, parts::Account};

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show, change))
}

/// One's own account.
#[utoipa::path(
    get, path = "/v1/me", operation_id = "me", tag = "screens", security(("token" = [])),
    responses((status = 200, description = "The account", body = Account))
)]
async fn show(State(core): State<Core>, viewer: Viewer) -> ApiResult<Json<Account>> {
    Ok(Json(core.account(&viewer).await?.into()))
}

/// Change one's own account. What is left out stays; null clears what may be missing.
#[utoipa::path(
    patch, path = "/v1/me", operation_id = "updateMe", tag = "writes", security(("token" = [])),
    request_body = AccountPatch,
    extensions(("x-problems" = json!(["TAKEN"]))),
    responses((status = 200, description = "The account as it is now", body = Account))
)]
async fn change(
    State(core): State<Core>,
    viewer: Viewer,
    Body(patch): Body<AccountPatch>,
) -> ApiResult<Json<Account>> {
    let fields = patch.fields();
    if fields.is_empty() {
        let nothing = Violation::new("", ViolationKind::Missing, "names nothing to change");
        return Err(ApiError::Invalid(vec![nothing]));
    }
    let change = message::UpdateAccountRequest {
        update_mask: mask(&fields),
        ..patch.into()
    };
    Ok(Json(core.change_account(&viewer, change).await?.into()))
}

/// Changes to one's own account. What is left out stays; null clears what may be missing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountPatch {
    #[schema(nullable = false)]
    username: Option<String>,
    #[schema(nullable = false)]
    email: Option<String>,
    #[schema(nullable = false, format = Password)]
    password: Option<String>,
    /// The name to show.
    #[schema(nullable = false)]
    name: Option<String>,
    /// A few words about oneself.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    bio: Option<Option<String>>,
    /// Address of a picture.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    image: Option<Option<String>>,
}

impl AccountPatch {
    /// The fields that were sent.
    fn fields(&self) -> Vec<&'static str> {
        let sent = [
            ("username", self.username.is_some()),
            ("email", self.email.is_some()),
            ("password", self.password.is_some()),
            ("name", self.name.is_some()),
            ("bio", self.bio.is_some()),
            ("image", self.image.is_some()),
        ];
        sent.into_iter()
            .filter_map(|(name, is_sent)| is_sent.then_some(name))
            .collect()
    }
}

impl From<AccountPatch> for message::UpdateAccountRequest {
    fn from(patch: AccountPatch) -> Self {
        Self {
            username: patch.username.unwrap_or_default(),
            email: patch.email.unwrap_or_default(),
            password: patch.password.unwrap_or_default(),
            name: patch.name.unwrap_or_default(),
            bio: patch.bio.flatten().unwrap_or_default(),
            image: patch.image.flatten().unwrap_or_default(),
            update_mask: None,
        }
    }
}

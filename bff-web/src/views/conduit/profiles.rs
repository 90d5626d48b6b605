//! `/api/profiles/{username}`: who somebody is, and following them.

use axum::{Json, extract::State};
use bff_kit::Path;
use proto::users::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    error::{ConduitResult, Errors},
    input::Conduit,
};
use crate::{core::Core, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(follow, unfollow))
}

/// One profile.
#[utoipa::path(
    get, path = "/api/profiles/{username}", operation_id = "getProfile", tag = "conduit",
    security((), ("token" = [])),
    params(("username" = String, Path, description = "The name, in any case")),
    responses(
        (status = 200, description = "The profile", body = ProfileAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn show(
    State(core): State<Core>,
    Conduit(viewer): Conduit<Option<SignedIn>>,
    Conduit(Path(username)): Conduit<Path<String>>,
) -> ConduitResult<Json<ProfileAnswer>> {
    let user = core.profile(username).await;
    let ids = user.iter().map(|user| user.id).collect();
    // Refuses an invalid token, also where nobody has that name.
    let followed = core.followed(viewer.as_deref(), ids).await?;
    let profile = Profile::new(Some(user?), !followed.is_empty());
    Ok(Json(ProfileAnswer { profile }))
}

/// Follow somebody; repeating it is harmless.
#[utoipa::path(
    post, path = "/api/profiles/{username}/follow", operation_id = "follow", tag = "conduit",
    security(("token" = [])),
    params(("username" = String, Path, description = "The name, in any case")),
    responses(
        (status = 200, description = "The profile", body = ProfileAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn follow(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(username)): Conduit<Path<String>>,
) -> ConduitResult<Json<ProfileAnswer>> {
    let profile = Profile::new(Some(core.follow(&viewer, username).await?), true);
    Ok(Json(ProfileAnswer { profile }))
}

/// Follow somebody no longer; repeating it is harmless.
#[utoipa::path(
    delete, path = "/api/profiles/{username}/follow", operation_id = "unfollow", tag = "conduit",
    security(("token" = [])),
    params(("username" = String, Path, description = "The name, in any case")),
    responses(
        (status = 200, description = "The profile", body = ProfileAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn unfollow(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(username)): Conduit<Path<String>>,
) -> ConduitResult<Json<ProfileAnswer>> {
    let profile = Profile::new(Some(core.unfollow(&viewer, username).await?), false);
    Ok(Json(ProfileAnswer { profile }))
}

/// A profile under its key.
#[derive(Serialize, ToSchema)]
struct ProfileAnswer {
    profile: Profile,
}

/// What everybody may know of somebody.
#[derive(Serialize, ToSchema)]
pub(super) struct Profile {
    username: String,
    bio: Option<String>,
    image: Option<String>,
    /// Whether whoever asks follows them; false for a guest.
    following: bool,
}

impl Profile {
    pub(super) fn new(user: Option<message::User>, following: bool) -> Self {
        let user = user.unwrap_or_default();
        Self {
            username: user.username,
            bio: user.bio,
            image: user.image,
            following,
        }
    }
}

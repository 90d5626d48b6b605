//! `/v1/auth/oidc`: signing in with the shop's OpenID provider. The app listens on a port of its own machine, opens the
//! provider's page in the browser, and hands over what comes back (RFC 8252).

use axum::{Json, extract::State};
use bff_kit::{ApiResult, Body};
use proto::users::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Session;
use crate::core::Core;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(methods))
        .routes(routes!(begin))
        .routes(routes!(complete))
}

/// How one can sign in here.
#[utoipa::path(
    get, path = "/v1/auth/methods", operation_id = "signInMethods", tag = "session",
    responses((status = 200, description = "The ways to sign in", body = Methods))
)]
async fn methods(State(core): State<Core>) -> ApiResult<Json<Methods>> {
    let methods = core.sign_in_methods().await?;
    Ok(Json(Methods {
        password: true,
        oidc: methods.federated,
    }))
}

/// Begin to sign in with the OpenID provider: open `authorizationUrl` in the browser, and wait on the redirect URI.
#[utoipa::path(
    post, path = "/v1/auth/oidc/begin", operation_id = "beginOidc", tag = "session", request_body = Begin,
    responses((status = 200, description = "Where to go, and what to come back with", body = Flow)),
    extensions(("x-problems" = json!(["OIDC_NOT_CONFIGURED"]))),
)]
async fn begin(State(core): State<Core>, Body(begin): Body<Begin>) -> ApiResult<Json<Flow>> {
    let begun = core.begin_oidc(begin.redirect_uri, begin.code_challenge).await?;
    Ok(Json(Flow {
        authorization_url: begun.authorization_url,
        flow: begun.flow,
    }))
}

/// Sign in with what the provider sent to the redirect URI. Staff and admins only; once, within ten minutes.
#[utoipa::path(
    post, path = "/v1/auth/oidc/complete", operation_id = "completeOidc", tag = "session", request_body = Complete,
    responses((status = 200, description = "Signed in", body = Session)),
    extensions(("x-problems" = json!(["FORBIDDEN", "OIDC_NOT_CONFIGURED", "OIDC_REFUSED"]))),
)]
async fn complete(State(core): State<Core>, Body(complete): Body<Complete>) -> ApiResult<Json<Session>> {
    let request = message::CompleteFederatedSessionRequest {
        flow: complete.flow,
        code: complete.code,
        state: complete.state,
        iss: complete.iss.unwrap_or_default(),
        code_verifier: complete.code_verifier,
        device: complete.device.unwrap_or_default(),
    };
    Ok(Json(core.complete_oidc(request).await?.into()))
}

/// How one can sign in.
#[derive(Serialize, ToSchema)]
struct Methods {
    /// With e-mail and password.
    password: bool,
    /// With the shop's OpenID provider.
    oidc: bool,
}

/// Who wants to sign in with the provider, and where they wait.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Begin {
    /// Where the app listens: `http://127.0.0.1:<port>/…` or `http://[::1]:<port>/…`.
    #[schema(example = "http://127.0.0.1:49152/callback")]
    redirect_uri: String,
    /// SHA-256 of the verifier, in base64url without padding (RFC 7636, S256).
    #[schema(example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
    code_challenge: String,
}

/// A sign-in that has begun.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Flow {
    /// The provider's page.
    authorization_url: String,
    /// What the sign-in is completed with.
    flow: String,
}

/// What the provider sent back.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Complete {
    /// As it was given at the beginning.
    flow: String,
    /// The parameter `code`.
    code: String,
    /// The parameter `state`.
    state: String,
    /// The parameter `iss`, where there is one.
    iss: Option<String>,
    /// What the challenge was made of: 43 to 128 letters, digits or any of `-._~`.
    code_verifier: String,
    /// What the owner calls the computer.
    device: Option<String>,
}

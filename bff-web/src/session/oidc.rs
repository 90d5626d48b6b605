//! `/api/session/oidc`: signing in with the shop's OpenID provider. The browser goes there and comes back; on the way a
//! cookie of its own keeps what only this browser can complete the sign-in with.
//!
//! The cookie is `SameSite=Lax`, so that it comes along when the provider sends the browser back. The session's cookie is
//! `Strict` as ever: it is set by then, and goes with what the app's page asks for once it has been loaded.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bff_kit::{
    ApiError, ApiResult, Query,
    error::{Violation, ViolationKind},
};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{LOCATION, SET_COOKIE},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proto::users::v1 as message;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{SessionCookie, cookie, replace};
use crate::{core::Core, web::Web};

/// How long the cookie lasts, like the flow in it: ten minutes.
const LASTS: &str = "; Max-Age=600";
/// How long a way back may be.
const WAY_BACK_BYTES: usize = 512;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(methods))
        .routes(routes!(begin))
        .routes(routes!(complete))
}

/// How one can sign in here.
#[utoipa::path(
    get, path = "/api/session/methods", operation_id = "signInMethods", tag = "session",
    responses((status = 200, description = "The ways to sign in", body = Methods))
)]
async fn methods(State(core): State<Core>) -> ApiResult<Json<Methods>> {
    let methods = core.sign_in_methods().await?;
    Ok(Json(Methods {
        password: true,
        oidc: methods.federated,
    }))
}

/// Sign in with the OpenID provider: a page to go to, not to fetch.
#[utoipa::path(
    get, path = "/api/session/oidc", operation_id = "beginOidc", tag = "session", params(Begin),
    responses((status = 303, description = "On to the provider")),
    extensions(("x-problems" = json!(["OIDC_NOT_CONFIGURED"]))),
)]
async fn begin(
    State(core): State<Core>,
    State(session): State<SessionCookie>,
    Query(begin): Query<Begin>,
) -> ApiResult<Response> {
    let way_back = WayBack::parse(begin.return_to)?;
    let verifier = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let begun = core.begin_oidc(challenge).await?;
    let kept = Kept {
        verifier,
        way_back,
        flow: begun.flow,
    };
    let page = HeaderValue::try_from(begun.authorization_url).map_err(|error| ApiError::Internal {
        cause: error.to_string(),
    })?;
    let headers = [(LOCATION, page), (SET_COOKIE, kept.set(session))];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Where the provider sends the browser back to: signed in, or with `signInError` and a code in the query, it goes on to
/// the page that it came from.
#[utoipa::path(
    get, path = "/api/session/oidc/callback", operation_id = "completeOidc", tag = "session", params(Returned),
    responses((status = 303, description = "On to the app"))
)]
async fn complete(
    State(core): State<Core>,
    State(session): State<SessionCookie>,
    headers: HeaderMap,
    Query(returned): Query<Returned>,
) -> Response {
    let kept = Kept::find(session, &headers);
    let way_back = kept
        .as_ref()
        .map(|kept| kept.way_back.clone())
        .unwrap_or_default();
    let cleared = (SET_COOKIE, Kept::clear(session));
    match sign_in(&core, kept, returned).await {
        Ok(pass) => {
            let set = (SET_COOKIE, replace(&core, session, &headers, pass).await);
            let on = [(LOCATION, way_back.to(None)), set];
            (
                StatusCode::SEE_OTHER,
                axum::response::AppendHeaders([cleared]),
                on,
            )
                .into_response()
        }
        Err(error) => {
            error.log();
            let on = [(LOCATION, way_back.to(Some(error.code()))), cleared];
            (StatusCode::SEE_OTHER, on).into_response()
        }
    }
}

async fn sign_in(core: &Core, kept: Option<Kept>, returned: Returned) -> ApiResult<message::Pass> {
    // Without the cookie it is another browser that began, or nobody.
    let kept = kept.ok_or(ApiError::OidcRefused)?;
    let (Some(code), Some(state), None) = (returned.code, returned.state, returned.error) else {
        return Err(ApiError::OidcRefused);
    };
    let request = message::CompleteFederatedSessionRequest {
        flow: kept.flow,
        code,
        state,
        iss: returned.iss.unwrap_or_default(),
        code_verifier: kept.verifier,
        device: String::new(),
    };
    Ok(core.complete_oidc(request).await?.pass.unwrap_or_default())
}

/// What a browser keeps while it is at the provider.
struct Kept {
    verifier: String,
    way_back: WayBack,
    flow: String,
}

impl Kept {
    fn set(&self, session: SessionCookie) -> HeaderValue {
        let way_back = utf8_percent_encode(&self.way_back.0, NON_ALPHANUMERIC);
        let value = format!("{}.{way_back}.{}", self.verifier, self.flow);
        write(session, &value, LASTS)
    }

    fn clear(session: SessionCookie) -> HeaderValue {
        write(session, "", "; Max-Age=0")
    }

    fn find(session: SessionCookie, headers: &HeaderMap) -> Option<Self> {
        let value = cookie::find(headers, name(session)).ok()??;
        let mut parts = value.splitn(3, '.');
        let verifier = parts.next()?.to_owned();
        let way_back = percent_decode_str(parts.next()?).decode_utf8().ok()?;
        Some(Self {
            verifier,
            way_back: WayBack::parse(Some(way_back.into())).ok()?,
            flow: parts.next()?.to_owned(),
        })
    }
}

fn write(session: SessionCookie, value: &str, ends: &str) -> HeaderValue {
    cookie::write(name(session), value, "Lax", session.is_secure(), ends)
}

fn name(session: SessionCookie) -> &'static str {
    match session.is_secure() {
        true => "__Host-Http-oidc",
        false => "oidc",
    }
}

/// The page of the app that the browser goes on to, and never one of somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WayBack(String);

impl Default for WayBack {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl WayBack {
    fn parse(text: Option<String>) -> ApiResult<Self> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let local = text.starts_with('/') && !text.starts_with("//") && text.len() <= WAY_BACK_BYTES;
        // Browsers read a backslash as a slash, and what is behind `#` is not for us.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\#\"<>".contains(&byte);
        if local && text.bytes().all(plain) {
            return Ok(Self(text));
        }
        let right = "has to be a path of this site, such as /books?page=2";
        Err(ApiError::Invalid(vec![Violation::new(
            "returnTo",
            ViolationKind::Rule,
            right,
        )]))
    }

    /// The value of `Location`; with the code of what went wrong, if something did.
    fn to(&self, problem: Option<&str>) -> HeaderValue {
        let text = match problem {
            None => self.0.clone(),
            Some(code) => {
                let sign = if self.0.contains('?') { '&' } else { '?' };
                format!("{}{sign}signInError={code}", self.0)
            }
        };
        HeaderValue::try_from(text).expect("paths are ASCII, and so are codes")
    }
}

/// How one can sign in.
#[derive(Serialize, ToSchema)]
struct Methods {
    /// With e-mail and password.
    password: bool,
    /// With the shop's OpenID provider.
    oidc: bool,
}

/// Who wants to sign in with the provider.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Begin {
    /// The path to come back to; `/` without it.
    return_to: Option<String>,
}

/// What the provider sends back. It may send more, which is nobody's business here.
#[derive(Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
struct Returned {
    /// What the sign-in is completed with.
    code: Option<String>,
    /// The flow that it belongs to.
    state: Option<String>,
    /// Who sends it.
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_site() {
        for path in ["/", "/books/1?from=home", "/a/b-c_d.e~f?g=%2F&h"] {
            assert_eq!(
                WayBack::parse(Some(path.to_owned())),
                Ok(WayBack(path.to_owned()))
            );
        }
        let long = format!("/{}", "a".repeat(WAY_BACK_BYTES));
        for elsewhere in [
            "",
            "books",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/\t/evil.example/",
            "/a b",
            "/#fragment",
            "/ü",
            &long,
        ] {
            assert!(WayBack::parse(Some(elsewhere.to_owned())).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn what_went_wrong_is_added_to_the_way_back() {
        let way_back = |path: &str| WayBack(path.to_owned());
        assert_eq!(way_back("/books").to(None), "/books");
        assert_eq!(way_back("/books").to(Some("TAKEN")), "/books?signInError=TAKEN");
        assert_eq!(
            way_back("/books?page=2").to(Some("TAKEN")),
            "/books?page=2&signInError=TAKEN"
        );
    }

    #[test]
    fn the_cookie_comes_back_as_it_was_kept() {
        for (secure, start) in [(true, "__Host-Http-oidc="), (false, "oidc=")] {
            let session = SessionCookie::new(secure);
            let kept = Kept {
                verifier: "verifier".to_owned(),
                way_back: WayBack("/books?page=2.5".to_owned()),
                flow: "said.seal".to_owned(),
            };
            let set = kept.set(session);
            let set = set.to_str().expect("ASCII");
            assert!(
                set.starts_with(start) && set.contains("; HttpOnly; SameSite=Lax"),
                "{set}"
            );
            let mut headers = HeaderMap::new();
            let pair = set.split(';').next().expect("a pair");
            headers.insert(http::header::COOKIE, HeaderValue::try_from(pair).expect("ASCII"));
            let found = Kept::find(session, &headers).expect("the cookie");
            assert_eq!(
                (found.verifier, found.way_back, found.flow),
                (kept.verifier, kept.way_back, kept.flow)
            );
        }
    }
}

//! Errors as clients see them: problem documents (RFC 9457).

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, Violation};
use crate::edge::CallContext;

/// Why a request was not answered as wanted. `code` is what programs decide by; the texts are for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Names the sort of problem; the last part is `code` in lower case.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    type_uri: String,
    /// The sort of problem in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// What is wrong this time.
    detail: String,
    /// The sort of problem, for programs.
    #[schema(example = "NOT_FOUND")]
    code: &'static str,
    /// The path that was asked for.
    instance: String,
    /// The name of the request in our logs.
    request_id: String,
    /// What is wrong with which field, all at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<ProblemError>,
    /// What a client that is too old has to become.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    upgrade: Option<Upgrade>,
}

/// What a client that is too old has to become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// The oldest version that is served.
    #[schema(example = "2.3.0")]
    pub minimum_version: String,
    /// Where to get a newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub download_url: Option<String>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProblemError {
    /// Path of the field, such as `title` or `authors[2]`; empty for the whole input.
    pub field: String,
    /// What is wrong with it, to be read after its name.
    pub detail: String,
}

impl From<&Violation> for ProblemError {
    fn from(violation: &Violation) -> Self {
        Self {
            field: violation.field.clone(),
            detail: violation.detail.clone(),
        }
    }
}

impl From<&ApiError> for Problem {
    fn from(error: &ApiError) -> Self {
        let (code, title, detail) = words(error);
        let (instance, request_id) = CallContext::current()
            .map(|context| (context.path.to_string(), context.request_id.as_str().to_owned()))
            .unwrap_or_default();
        let errors = match error {
            ApiError::Invalid(violations)
            | ApiError::Taken(violations)
            | ApiError::OutOfStock(violations)
            | ApiError::WrongState(violations) => violations.iter().map(ProblemError::from).collect(),
            _ => Vec::new(),
        };
        let upgrade = match error {
            ApiError::ClientTooOld {
                minimum,
                download_url,
            } => Some(Upgrade {
                minimum_version: minimum.clone(),
                download_url: download_url.clone(),
            }),
            _ => None,
        };
        Self {
            type_uri: format!("/problems/{}", code.to_lowercase().replace('_', "-")),
            title,
            status: error.status().as_u16(),
            detail,
            code,
            instance,
            request_id,
            errors,
            upgrade,
        }
    }
}

/// The code, the title and the sentence of each error. The codes are listed in `docs/errors.md`.
fn words(error: &ApiError) -> (&'static str, &'static str, String) {
    let (code, title, detail) = match error {
        ApiError::Malformed { detail } => return ("MALFORMED_BODY", "The body is not JSON", detail.clone()),
        ApiError::Invalid(_) => (
            "INVALID_INPUT",
            "The input is invalid",
            "See `errors` for what to change.",
        ),
        ApiError::TokenMissing => ("TOKEN_MISSING", "Not signed in", "Sign in and send the token."),
        ApiError::TokenInvalid => (
            "TOKEN_INVALID",
            "No longer signed in",
            "The token is not valid or has expired; sign in again.",
        ),
        ApiError::CredentialsInvalid => (
            "CREDENTIALS_INVALID",
            "Not signed in",
            "E-mail and password do not fit together.",
        ),
        ApiError::OidcRefused => (
            "OIDC_REFUSED",
            "Not signed in",
            "The sign-in with the provider did not succeed, took too long or was used before; begin again.",
        ),
        ApiError::OidcNotConfigured => (
            "OIDC_NOT_CONFIGURED",
            "No provider to sign in with",
            "Nobody is sent to an OpenID provider from here; sign in with e-mail and password.",
        ),
        ApiError::CsrfHeaderMissing => (
            "CSRF",
            "The request may be forged",
            "Send the header `x-csrf: 1` beside the cookie.",
        ),
        ApiError::CrossOrigin => (
            "CROSS_ORIGIN",
            "The request comes from another origin",
            "Pages of other origins cannot do this; it has to come from a page of our own.",
        ),
        ApiError::ClientTooOld { .. } => (
            "CLIENT_UPGRADE_REQUIRED",
            "The app is too old",
            "This version of the app is served no longer; install a newer one (see `upgrade`).",
        ),
        ApiError::RateLimited { .. } => (
            "RATE_LIMITED",
            "Too many requests",
            "That were too many requests; go on after `Retry-After` seconds.",
        ),
        ApiError::TooManyStreams => (
            "TOO_MANY_STREAMS",
            "Too many streams",
            "There are as many streams open as one may have; close one first.",
        ),
        ApiError::Forbidden { resource } => {
            let detail = match &**resource {
                "" => "You may not do this.".to_owned(),
                resource => format!("You may not do this to this {resource}."),
            };
            return ("FORBIDDEN", "Not allowed", detail);
        }
        ApiError::NotFound { resource } => {
            let detail = match &**resource {
                "" => "What you asked for does not exist.".to_owned(),
                resource => format!("The {resource} does not exist."),
            };
            return ("NOT_FOUND", "Not found", detail);
        }
        ApiError::UnknownRoute => ("UNKNOWN_ROUTE", "Not found", "There is no such path; see /docs."),
        ApiError::MethodNotAllowed => (
            "METHOD_NOT_ALLOWED",
            "Method not allowed",
            "See the `Allow` header for what can be done here.",
        ),
        ApiError::Taken(_) => (
            "TAKEN",
            "Already in use",
            "See `errors` for what is in use already.",
        ),
        ApiError::OutOfStock(_) => (
            "OUT_OF_STOCK",
            "Not as many are left",
            "See `errors` for how many are left of what.",
        ),
        ApiError::WrongState(_) => (
            "WRONG_STATE",
            "Not in this state",
            "It has got further than that, or not as far; see `errors`.",
        ),
        ApiError::KeyMissing => (
            "IDEMPOTENCY_KEY_MISSING",
            "The key is missing",
            "Send the header `Idempotency-Key` with a new UUID, and the same one whenever you send this request again.",
        ),
        ApiError::KeyReused => (
            "IDEMPOTENCY_KEY_REUSED",
            "The key was used before",
            "This `Idempotency-Key` belongs to another request; send a new one.",
        ),
        ApiError::InProgress { .. } => (
            "IN_PROGRESS",
            "Still in progress",
            "A request with this `Idempotency-Key` is being worked on; ask again in a moment.",
        ),
        ApiError::BodyTooLarge => (
            "BODY_TOO_LARGE",
            "The body is too large",
            "The body has more bytes than is allowed here.",
        ),
        ApiError::UnsupportedMediaType => (
            "UNSUPPORTED_MEDIA_TYPE",
            "The body is of a wrong type",
            "Send the body as JSON, with `Content-Type: application/json`, or as the type that /docs names for this path.",
        ),
        ApiError::HeadersTooLarge => (
            "HEADERS_TOO_LARGE",
            "The header fields are too large",
            "The header fields have more bytes than is allowed.",
        ),
        ApiError::SyncTooOld => (
            "SYNC_TOO_OLD",
            "Too long ago",
            "Nobody knows any more what has changed since then; start over, without `since`.",
        ),
        ApiError::Internal { .. } => ("INTERNAL", "Internal error", "Something is broken on our side."),
        ApiError::Unavailable { .. } => (
            "UNAVAILABLE",
            "Not available",
            "This cannot be answered at the moment; try again soon.",
        ),
        ApiError::Overloaded { .. } => (
            "OVERLOADED",
            "Too much to do",
            "There is too much to do at the moment; try again soon.",
        ),
        ApiError::DeadlineExceeded { .. } => (
            "DEADLINE_EXCEEDED",
            "It took too long",
            "This could not be answered in time; try again soon.",
        ),
    };
    (code, title, detail.to_owned())
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        self.told()
    }
}

impl ApiError {
    /// The code that programs decide by.
    pub fn code(&self) -> &'static str {
        words(self).0
    }

    /// The sort of error in words.
    pub(crate) fn title(&self) -> &'static str {
        words(self).1
    }

    /// The answer, without a word to the log.
    pub(crate) fn told(self) -> Response {
        let mut response = (self.status(), Json(Problem::from(&self))).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(wait) = self.retry_after() {
            let seconds = wait.as_secs_f64().ceil().clamp(1.0, 3600.0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // For whoever tells it in another shape.
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_with_its_status_and_nothing_else_is() {
        let list = include_str!("../../../../docs/errors.md");
        let code =
            |row: &&str| row.starts_with("| `") && row[3..].starts_with(|c: char| c.is_ascii_uppercase());
        assert_eq!(list.lines().filter(code).count(), ApiError::samples().len());
        for error in ApiError::samples() {
            let start = format!("| `{}` | {} |", error.code(), error.status().as_u16());
            assert!(
                list.lines().any(|row| row.starts_with(&start)),
                "docs/errors.md has no row {start}"
            );
        }
    }
}

//! Errors as Conduit has them: messages by field.

use std::collections::BTreeMap;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use bff_kit::{
    ApiError,
    error::{Violation, ViolationKind},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a handler answers, or why it cannot.
pub(super) type ConduitResult<T> = Result<T, ConduitError>;

/// An error that is told in Conduit's shape.
#[derive(Debug)]
pub(super) struct ConduitError(ApiError);

/// Why a request was not answered as wanted.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Errors {
    /// Messages by field, to be read after the field's name.
    #[schema(example = json!({"title": ["can't be blank"]}))]
    errors: BTreeMap<String, Vec<String>>,
}

impl From<ApiError> for ConduitError {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for ConduitError {
    fn into_response(self) -> Response {
        // The problem writes to the log.
        let problem = self.0.clone().into_response();
        reshape(&self.0, problem)
    }
}

/// The same error in Conduit's shape, with all that the header fields of the problem say.
pub(crate) fn reshape(error: &ApiError, problem: Response) -> Response {
    let status = match error {
        ApiError::Malformed { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        error => error.status(),
    };
    let mut headers = problem.into_parts().0.headers;
    headers.remove(CONTENT_LENGTH);
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    (status, headers, Json(Errors::from(error))).into_response()
}

impl From<&ApiError> for Errors {
    fn from(error: &ApiError) -> Self {
        let (field, message) = match error {
            ApiError::Invalid(violations)
            | ApiError::Taken(violations)
            | ApiError::OutOfStock(violations)
            | ApiError::WrongState(violations) => return Self::of(violations),
            ApiError::Malformed { detail } => ("body", detail.as_str()),
            ApiError::TokenMissing => ("token", "is missing"),
            ApiError::TokenInvalid => ("token", "is invalid"),
            ApiError::CredentialsInvalid => ("credentials", "invalid"),
            ApiError::OidcRefused => ("credentials", "invalid"),
            ApiError::OidcNotConfigured => ("provider", "not found"),
            ApiError::CsrfHeaderMissing => ("x-csrf", "is missing"),
            ApiError::Forbidden { resource } => (thing(resource), "forbidden"),
            ApiError::NotFound { resource } => (thing(resource), "not found"),
            ApiError::UnknownRoute => ("path", "not found"),
            ApiError::MethodNotAllowed => ("method", "not allowed"),
            ApiError::KeyMissing => ("Idempotency-Key", "is missing"),
            ApiError::KeyReused => ("Idempotency-Key", "was used for another request"),
            ApiError::InProgress { .. } => ("Idempotency-Key", "is being worked on; try again soon"),
            ApiError::CrossOrigin => ("origin", "is another one"),
            ApiError::RateLimited { .. } => ("requests", "are too many; try again soon"),
            ApiError::TooManyStreams => ("streams", "are too many; close one"),
            ApiError::SyncTooOld => ("since", "is too long ago; start over"),
            ApiError::ClientTooOld { .. } => ("client", "is too old"),
            ApiError::BodyTooLarge => ("body", "is too large"),
            ApiError::UnsupportedMediaType => ("body", "has to be sent as application/json"),
            ApiError::HeadersTooLarge => ("headers", "are too large"),
            ApiError::Internal { .. } => ("server", "is broken"),
            ApiError::Unavailable { .. } => ("server", "is not available; try again soon"),
            ApiError::Overloaded { .. } => ("server", "has too much to do; try again soon"),
            ApiError::DeadlineExceeded { .. } => ("server", "took too long; try again soon"),
        };
        Self {
            errors: BTreeMap::from([(field.to_owned(), vec![message.to_owned()])]),
        }
    }
}

impl Errors {
    fn of(violations: &[Violation]) -> Self {
        let mut errors = BTreeMap::<String, Vec<String>>::new();
        for Violation { field, kind, detail } in violations {
            let message = match kind {
                ViolationKind::Missing => "can't be blank",
                _ => detail,
            };
            let messages = errors.entry(name(field)).or_default();
            if !messages.iter().any(|told| told == message) {
                messages.push(message.to_owned());
            }
        }
        Self { errors }
    }
}

/// A field by Conduit's name; an item of a list is a mistake in the list.
fn name(field: &str) -> String {
    let field = field.split('[').next().unwrap_or_default();
    match field {
        "tags" => "tagList",
        "first" => "limit",
        "skip" => "offset",
        "" => "body",
        other => other,
    }
    .to_owned()
}

/// A thing by Conduit's name.
fn thing(resource: &str) -> &str {
    match resource {
        "post" => "article",
        "user" => "profile",
        "" => "path",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_conduits_names_and_every_message_once() {
        let rule = |field: &str| Violation::new(field, ViolationKind::Rule, "can't be blank");
        let violations = [
            rule("title"),
            rule("tags[0]"),
            rule("tags[2]"),
            Violation::new("tags", ViolationKind::Rule, "has too many (at most 20)"),
        ];
        let errors = serde_json::to_value(Errors::of(&violations)).expect("JSON");
        assert_eq!(
            errors,
            serde_json::json!({"errors": {
                "title": ["can't be blank"],
                "tagList": ["can't be blank", "has too many (at most 20)"],
            }})
        );
    }
}

//! The only way from an [`Error`] to a [`Status`], with the details of google.rpc.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::error::{Error, Resource, Unauthenticated, Violation};

/// When somebody who found the core busy should try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        let (code, reason, details) = match error {
            Error::Invalid(violations) => (Code::InvalidArgument, "INVALID_INPUT", broken(violations)),
            Error::Taken(field) => {
                let details = ErrorDetails::with_bad_request_violation(field, "has already been taken");
                (Code::AlreadyExists, "TAKEN", details)
            }
            Error::OutOfStock(violations) => (Code::FailedPrecondition, "OUT_OF_STOCK", broken(violations)),
            Error::WrongState(violation) => (Code::FailedPrecondition, "WRONG_STATE", broken([violation])),
            Error::NotFound(resource) => (Code::NotFound, "NOT_FOUND", about(resource)),
            Error::Forbidden(resource) => (Code::PermissionDenied, "FORBIDDEN", about(resource)),
            Error::NotAllowed => (Code::PermissionDenied, "FORBIDDEN", ErrorDetails::new()),
            Error::GatewayUnknown => (Code::FailedPrecondition, "GATEWAY_UNKNOWN", ErrorDetails::new()),
            Error::OidcNotConfigured => (Code::NotFound, "OIDC_NOT_CONFIGURED", ErrorDetails::new()),
            Error::TooManyTries(wait) => (
                Code::ResourceExhausted,
                "RATE_LIMITED",
                ErrorDetails::with_retry_info(Some(wait)),
            ),
            Error::KeyReused => (Code::InvalidArgument, "KEY_REUSED", ErrorDetails::new()),
            Error::InProgress => (
                Code::Aborted,
                "IN_PROGRESS",
                ErrorDetails::with_retry_info(Some(RETRY_AFTER)),
            ),
            Error::TooSlow => (Code::ResourceExhausted, "TOO_SLOW", ErrorDetails::new()),
            Error::Unauthenticated(why) => (Code::Unauthenticated, reason_of(why), ErrorDetails::new()),
            Error::Busy(source) => {
                tracing::warn!(%source, "busy");
                (
                    Code::Unavailable,
                    "UNAVAILABLE",
                    ErrorDetails::with_retry_info(Some(RETRY_AFTER)),
                )
            }
            Error::ProviderAway(source) => {
                tracing::warn!(%source, cause = ?source.source(), "the OpenID provider cannot be asked");
                (
                    Code::Unavailable,
                    "UNAVAILABLE",
                    ErrorDetails::with_retry_info(Some(RETRY_AFTER)),
                )
            }
            Error::Internal(source) => {
                tracing::error!(%source, cause = ?source.source(), "internal error");
                (Code::Internal, "INTERNAL", ErrorDetails::new())
            }
        };
        let mut details = details;
        details.set_error_info(reason, proto::ERROR_DOMAIN, HashMap::new());
        Status::with_error_details(code, text, details)
    }
}

fn broken(violations: impl IntoIterator<Item = Violation>) -> ErrorDetails {
    let violations = violations
        .into_iter()
        .map(|broken| FieldViolation::new(broken.field, broken.problem));
    ErrorDetails::with_bad_request(violations.collect::<Vec<_>>())
}

fn about(resource: Resource) -> ErrorDetails {
    ErrorDetails::with_resource_info(resource.name(), "", "", "")
}

fn reason_of(why: Unauthenticated) -> &'static str {
    match why {
        Unauthenticated::TokenMissing => "TOKEN_MISSING",
        Unauthenticated::TokenInvalid => "TOKEN_INVALID",
        Unauthenticated::CredentialsInvalid => "CREDENTIALS_INVALID",
        Unauthenticated::OidcRefused => "OIDC_REFUSED",
    }
}

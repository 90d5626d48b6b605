//! The border between the core's answers and ours: one status of the core, one [`ApiError`].

use std::{error::Error as _, time::Duration};

use tokio::task::JoinError;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{ApiError, Violation, ViolationKind};

/// When to ask again where the core does not say.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<Status> for ApiError {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let cause = || format!("{:?}: {}", status.code(), status.message());
        match status.code() {
            Code::InvalidArgument if reason(&details) == "KEY_REUSED" => Self::KeyReused,
            Code::InvalidArgument => Self::Invalid(violations(&details, &status)),
            Code::Unauthenticated => match reason(&details) {
                "TOKEN_MISSING" => Self::TokenMissing,
                "CREDENTIALS_INVALID" => Self::CredentialsInvalid,
                "OIDC_REFUSED" => Self::OidcRefused,
                _ => Self::TokenInvalid,
            },
            Code::PermissionDenied => Self::Forbidden {
                resource: resource(&details),
            },
            Code::NotFound if reason(&details) == "OIDC_NOT_CONFIGURED" => Self::OidcNotConfigured,
            Code::NotFound => Self::NotFound {
                resource: resource(&details),
            },
            Code::FailedPrecondition if reason(&details) == "OUT_OF_STOCK" => {
                Self::OutOfStock(violations(&details, &status))
            }
            Code::FailedPrecondition if reason(&details) == "WRONG_STATE" => {
                Self::WrongState(violations(&details, &status))
            }
            Code::AlreadyExists => Self::Taken(violations(&details, &status)),
            // What tonic itself makes of a connection that breaks under a call.
            Code::Unknown | Code::Internal if status.source().is_some() => unavailable(&details, cause()),
            Code::Unavailable => unavailable(&details, cause()),
            Code::ResourceExhausted if reason(&details) == "RATE_LIMITED" => Self::RateLimited {
                retry_after: retry_after(&details),
            },
            Code::ResourceExhausted => Self::Overloaded {
                retry_after: retry_after(&details),
                cause: cause(),
            },
            // Tonic reports its own time-outs as cancelled, on both sides.
            Code::DeadlineExceeded | Code::Cancelled => Self::DeadlineExceeded { cause: cause() },
            Code::Aborted => Self::InProgress {
                retry_after: retry_after(&details),
            },
            Code::Ok
            | Code::Unknown
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Internal
            | Code::DataLoss => Self::Internal { cause: cause() },
        }
    }
}

impl From<JoinError> for ApiError {
    fn from(broken: JoinError) -> Self {
        Self::Internal {
            cause: format!("a fetch broke: {broken}"),
        }
    }
}

fn unavailable(details: &ErrorDetails, cause: String) -> ApiError {
    ApiError::Unavailable {
        retry_after: retry_after(details),
        cause,
    }
}

fn reason(details: &ErrorDetails) -> &str {
    details.error_info().map_or("", |info| &info.reason)
}

fn resource(details: &ErrorDetails) -> String {
    details
        .resource_info()
        .map(|info| info.resource_type.clone())
        .unwrap_or_default()
}

fn retry_after(details: &ErrorDetails) -> Duration {
    details
        .retry_info()
        .and_then(|info| info.retry_delay)
        .unwrap_or(RETRY_AFTER)
}

fn violations(details: &ErrorDetails, status: &Status) -> Vec<Violation> {
    let Some(bad) = details.bad_request() else {
        tracing::error!(%status, "the core refused the input without a word about a field");
        return vec![Violation::new("", ViolationKind::Rule, "is invalid")];
    };
    let named = |field: &str, text: &str| Violation::new(client_field(field), ViolationKind::Rule, text);
    bad.field_violations
        .iter()
        .map(|v| named(&v.field, &v.description))
        .collect()
}

/// The core's `snake_case` path as clients know it. How pages are asked for is ours, so its names are too.
fn client_field(path: &str) -> String {
    match path {
        "page_size" => return "first".to_owned(),
        "page_token" => return "after".to_owned(),
        _ => {}
    }
    let mut name = String::with_capacity(path.len());
    let mut upper = false;
    for letter in path.chars() {
        match letter {
            '_' => upper = true,
            letter if upper => {
                name.extend(letter.to_uppercase());
                upper = false;
            }
            letter => name.push(letter),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_as_clients_know_them() {
        for (core, client) in [
            ("title", "title"),
            ("price_cents", "priceCents"),
            ("book.cover_url", "book.coverUrl"),
            ("authors[2]", "authors[2]"),
            ("page_token", "after"),
            ("page_size", "first"),
        ] {
            assert_eq!(client_field(core), client);
        }
    }

    #[test]
    fn the_reason_tells_the_kinds_of_unauthenticated_apart() {
        let status = |reason: &str| {
            let details = ErrorDetails::with_error_info(reason, "triptych", []);
            Status::with_error_details(Code::Unauthenticated, "secret text", details)
        };
        assert_eq!(ApiError::from(status("TOKEN_MISSING")), ApiError::TokenMissing);
        assert_eq!(
            ApiError::from(status("CREDENTIALS_INVALID")),
            ApiError::CredentialsInvalid
        );
        assert_eq!(ApiError::from(status("OIDC_REFUSED")), ApiError::OidcRefused);
        assert_eq!(ApiError::from(status("TOKEN_INVALID")), ApiError::TokenInvalid);
        assert_eq!(
            ApiError::from(Status::unauthenticated("")),
            ApiError::TokenInvalid
        );
    }

    #[test]
    fn violations_keep_their_fields_and_texts() {
        let details = ErrorDetails::with_bad_request_violation("cover_url", "is too long");
        let status = Status::with_error_details(Code::InvalidArgument, "", details);
        let expected = Violation::new("coverUrl", ViolationKind::Rule, "is too long");
        assert_eq!(ApiError::from(status), ApiError::Invalid(vec![expected]));
    }

    #[test]
    fn outages_are_told_from_answers() {
        let outages = [
            Code::Unavailable,
            Code::DeadlineExceeded,
            Code::Cancelled,
            Code::ResourceExhausted,
            Code::Internal,
            Code::Unknown,
        ];
        let answers = [
            Code::InvalidArgument,
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::NotFound,
            Code::AlreadyExists,
        ];
        let is_outage = |code: &Code| ApiError::from(Status::new(*code, "")).is_outage();
        assert!(outages.iter().all(is_outage));
        assert!(!answers.iter().any(is_outage));
    }
}

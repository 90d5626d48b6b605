//! Refusals as the core makes them.

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// There is no such `resource`.
pub fn not_found(resource: &str) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info("NOT_FOUND", proto::ERROR_DOMAIN, []);
    details.set_resource_info(resource, "", "", "");
    Status::with_error_details(Code::NotFound, "a text for the log", details)
}

/// Whoever calls may not do this to the `resource`.
pub fn forbidden(resource: &str) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info("FORBIDDEN", proto::ERROR_DOMAIN, []);
    details.set_resource_info(resource, "", "", "");
    Status::with_error_details(Code::PermissionDenied, "a text for the log", details)
}

/// The input breaks rules: pairs of a field and what is wrong with it.
pub fn invalid(violations: &[(&str, &str)]) -> Status {
    with_violations(Code::InvalidArgument, "INVALID_INPUT", violations)
}

/// Something that has to be unique is in use.
pub fn taken(field: &str) -> Status {
    with_violations(Code::AlreadyExists, "TAKEN", &[(field, "has already been taken")])
}

/// There are too few: pairs of a field and how many are left.
pub fn out_of_stock(violations: &[(&str, &str)]) -> Status {
    with_violations(Code::FailedPrecondition, "OUT_OF_STOCK", violations)
}

/// It is in another state.
pub fn wrong_state(problem: &str) -> Status {
    with_violations(Code::FailedPrecondition, "WRONG_STATE", &[("state", problem)])
}

/// Nobody is signed in: TOKEN_MISSING, TOKEN_INVALID or CREDENTIALS_INVALID.
pub fn unauthenticated(reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, proto::ERROR_DOMAIN, []);
    Status::with_error_details(Code::Unauthenticated, "a text for the log", details)
}

fn with_violations(code: Code, reason: &str, violations: &[(&str, &str)]) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, proto::ERROR_DOMAIN, []);
    for (field, text) in violations {
        details.add_bad_request_violation(*field, *text);
    }
    Status::with_error_details(code, "a text for the log", details)
}

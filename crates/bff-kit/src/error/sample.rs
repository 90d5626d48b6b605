//! One error of each kind, to be shown in the documentation.

use std::time::Duration;

use super::{ApiError, Violation, ViolationKind};

impl ApiError {
    /// One error of each kind.
    pub(crate) fn samples() -> Vec<Self> {
        let (resource, cause, retry_after) = (String::new(), String::new(), Duration::from_secs(1));
        let wrong = |field: &str, detail: &str| vec![Violation::new(field, ViolationKind::Rule, detail)];
        vec![
            Self::Malformed {
                detail: "Line 1, column 2: key must be a string.".to_owned(),
            },
            Self::Invalid(wrong("title", "can't be blank")),
            Self::TokenMissing,
            Self::TokenInvalid,
            Self::CredentialsInvalid,
            Self::OidcRefused,
            Self::OidcNotConfigured,
            Self::Forbidden {
                resource: resource.clone(),
            },
            Self::CsrfHeaderMissing,
            Self::CrossOrigin,
            Self::ClientTooOld {
                minimum: "2.3.0".to_owned(),
                download_url: Some("https://example.org/app".to_owned()),
            },
            Self::RateLimited { retry_after },
            Self::TooManyStreams,
            Self::NotFound { resource },
            Self::UnknownRoute,
            Self::MethodNotAllowed,
            Self::Taken(wrong("title", "has already been taken")),
            Self::OutOfStock(wrong("lines[0].quantity", "there are only 2 left")),
            Self::WrongState(wrong("state", "is `shipped`, from which it cannot be cancelled")),
            Self::KeyMissing,
            Self::KeyReused,
            Self::InProgress { retry_after },
            Self::SyncTooOld,
            Self::BodyTooLarge,
            Self::UnsupportedMediaType,
            Self::HeadersTooLarge,
            Self::Internal { cause: cause.clone() },
            Self::Unavailable {
                retry_after,
                cause: cause.clone(),
            },
            Self::Overloaded {
                retry_after,
                cause: cause.clone(),
            },
            Self::DeadlineExceeded { cause },
        ]
    }
}

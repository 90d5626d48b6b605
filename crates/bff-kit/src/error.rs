//! Everything that can go wrong for a client, and nothing about how it is told: a problem document by
//! default, another shape where a gateway has one of its own.

mod problem;
mod sample;
mod status;
mod violation;

use std::time::Duration;

use http::StatusCode;

pub use problem::{Problem, ProblemError, Upgrade};
pub use violation::{Violation, ViolationKind};

/// What a handler answers, or why it cannot.
pub type ApiResult<T> = Result<T, ApiError>;

/// Why a request cannot be answered as the client wants it. The texts in `cause` are for the log and
/// never leave the process.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The body is no JSON at all; `detail` says where it stops being it.
    #[error("the body is not JSON")]
    Malformed {
        /// What is wrong, for the client.
        detail: String,
    },
    /// Something that was sent has the wrong shape or breaks a rule.
    #[error("the input is invalid")]
    Invalid(Vec<Violation>),
    /// Nobody is signed in, and somebody has to be.
    #[error("a token is missing")]
    TokenMissing,
    /// The token is unreadable, unknown, revoked or has expired.
    #[error("the token is invalid")]
    TokenInvalid,
    /// E-mail and password do not fit together.
    #[error("the credentials are invalid")]
    CredentialsInvalid,
    /// The OpenID provider does not vouch for a sign-in, or it does not belong to whoever brings it.
    #[error("the OpenID provider does not vouch for the sign-in")]
    OidcRefused,
    /// No OpenID provider is set for this gateway.
    #[error("no OpenID provider is set")]
    OidcNotConfigured,
    /// The request came with a cookie, and without the header that only our own pages send.
    #[error("the header against forged requests is missing")]
    CsrfHeaderMissing,
    /// Whoever is signed in may not do this.
    #[error("not allowed")]
    Forbidden {
        /// What it would have been done to, such as `post`; empty where it is not known.
        resource: String,
    },
    /// There is no such thing.
    #[error("not found")]
    NotFound {
        /// What there is none of, such as `post`; empty where it is not known.
        resource: String,
    },
    /// There is no such path.
    #[error("no such path")]
    UnknownRoute,
    /// The path exists, but not with this method.
    #[error("no such method here")]
    MethodNotAllowed,
    /// Something that has to be unique is in use already.
    #[error("already in use")]
    Taken(Vec<Violation>),
    /// Of something there is less than is wanted.
    #[error("out of stock")]
    OutOfStock(Vec<Violation>),
    /// It is not in a state in which that can be done to it.
    #[error("in a wrong state")]
    WrongState(Vec<Violation>),
    /// The request has to have an idempotency key, and has none.
    #[error("the idempotency key is missing")]
    KeyMissing,
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used before")]
    KeyReused,
    /// The same write is still being worked on.
    #[error("still in progress")]
    InProgress {
        /// When it may be worth while to ask again.
        retry_after: Duration,
    },
    /// The body has more bytes than we take.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The body is not sent as JSON.
    #[error("the body is of a wrong type")]
    UnsupportedMediaType,
    /// The header fields have more bytes than we take.
    #[error("the header fields are too large")]
    HeadersTooLarge,
    /// Whoever asks has asked too often.
    #[error("too many requests")]
    RateLimited {
        /// When there is room for another one.
        retry_after: Duration,
    },
    /// Whoever asks has as many streams open as anybody may have.
    #[error("too many streams")]
    TooManyStreams,
    /// The client is too old to be served.
    #[error("the client is too old")]
    ClientTooOld {
        /// The oldest version that is served.
        minimum: String,
        /// Where to get a newer one, if that is known.
        download_url: Option<String>,
    },
    /// A page of another origin is behind the request.
    #[error("the request comes from another origin")]
    CrossOrigin,
    /// The client was away for so long that nobody knows any more what it has missed.
    #[error("too old to go on")]
    SyncTooOld,
    /// Something is broken on our side.
    #[error("internal error")]
    Internal {
        /// What happened.
        cause: String,
    },
    /// The core cannot be reached.
    #[error("unavailable")]
    Unavailable {
        /// When it may be worth while to ask again.
        retry_after: Duration,
        /// What happened.
        cause: String,
    },
    /// The core has too much to do.
    #[error("overloaded")]
    Overloaded {
        /// When it may be worth while to ask again.
        retry_after: Duration,
        /// What happened.
        cause: String,
    },
    /// It took too long.
    #[error("the deadline was exceeded")]
    DeadlineExceeded {
        /// What took too long.
        cause: String,
    },
}

impl ApiError {
    /// There is no such thing as `resource`.
    pub fn not_found(resource: &str) -> Self {
        Self::NotFound {
            resource: resource.to_owned(),
        }
    }

    /// Whether it is an outage of ours and no answer to this request: a part of a screen can be left
    /// out because of it.
    pub fn is_outage(&self) -> bool {
        self.cause().is_some()
    }

    /// The status that it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed { .. } | Self::KeyMissing => StatusCode::BAD_REQUEST,
            Self::Invalid(_) | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TokenMissing | Self::TokenInvalid | Self::CredentialsInvalid | Self::OidcRefused => {
                StatusCode::UNAUTHORIZED
            }
            Self::CsrfHeaderMissing
            | Self::CrossOrigin
            | Self::ClientTooOld { .. }
            | Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::RateLimited { .. } | Self::TooManyStreams => StatusCode::TOO_MANY_REQUESTS,
            Self::NotFound { .. } | Self::UnknownRoute | Self::OidcNotConfigured => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Taken(_) | Self::OutOfStock(_) | Self::WrongState(_) | Self::InProgress { .. } => {
                StatusCode::CONFLICT
            }
            Self::SyncTooOld => StatusCode::GONE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable { .. } | Self::Overloaded { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::DeadlineExceeded { .. } => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// What to tell a client about when to ask again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. }
            | Self::Overloaded { retry_after, .. }
            | Self::InProgress { retry_after }
            | Self::RateLimited { retry_after } => Some(*retry_after),
            Self::DeadlineExceeded { .. } => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// What happened on our side, for the log.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Internal { cause }
            | Self::Unavailable { cause, .. }
            | Self::Overloaded { cause, .. }
            | Self::DeadlineExceeded { cause } => Some(cause),
            _ => None,
        }
    }

    /// Writes an outage to the log. Whoever turns an error into an answer calls this, once.
    pub fn log(&self) {
        match (self, self.cause()) {
            (Self::Internal { .. }, Some(cause)) => tracing::error!(cause, "{self}"),
            (_, Some(cause)) => tracing::warn!(cause, "{self}"),
            (_, None) => tracing::debug!("{self}"),
        }
    }

    /// The same, with the violations' fields under other names: `rename` answers with the name that the
    /// client knows a field by.
    #[must_use]
    pub fn rename_fields(self, rename: impl Fn(&str) -> String) -> Self {
        let renamed = |violations: Vec<Violation>| {
            violations
                .into_iter()
                .map(|violation| Violation {
                    field: rename(&violation.field),
                    ..violation
                })
                .collect()
        };
        match self {
            Self::Invalid(violations) => Self::Invalid(renamed(violations)),
            Self::Taken(violations) => Self::Taken(renamed(violations)),
            Self::OutOfStock(violations) => Self::OutOfStock(renamed(violations)),
            Self::WrongState(violations) => Self::WrongState(renamed(violations)),
            other => other,
        }
    }
}

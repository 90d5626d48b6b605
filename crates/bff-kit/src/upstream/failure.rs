//! Why an upstream could not be asked.

use std::time::Duration;

use tokio::task::JoinError;

use crate::error::ApiError;

/// Why a fetch brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It cannot be reached, or the connection broke.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It took too long.
    #[error("took too long")]
    TimedOut,
    /// It answered with a status that is no answer; a redirect is one of them, because it may lead
    /// elsewhere.
    #[error("answered {0}")]
    Status(u16),
    /// Its answer has more bytes than we take.
    #[error("answered with too many bytes")]
    TooLarge,
    /// Its answer is not what was agreed.
    #[error("answered something else: {0}")]
    Unreadable(String),
    /// It has failed several times in a row and is left alone for a while.
    #[error("is left alone after several failures")]
    LeftAlone,
    /// As many fetches as are allowed are under way.
    #[error("is asked for enough already")]
    Busy,
    /// The fetch panicked.
    #[error("could not be asked: the fetch broke")]
    Broken,
}

impl Failure {
    /// Its name in metrics.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Status(_) => "status",
            Self::TooLarge => "too_large",
            Self::Unreadable(_) => "unreadable",
            Self::LeftAlone => "left_alone",
            Self::Busy => "busy",
            Self::Broken => "broken",
        }
    }

    /// The outage that it is for a screen.
    pub(super) fn of(&self, upstream: &str) -> ApiError {
        ApiError::Unavailable {
            retry_after: Duration::from_secs(1),
            cause: format!("{upstream} {self}"),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::TimedOut;
        }
        // The innermost cause says what happened; the address is known, and not for every log.
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::Unreachable(cause.to_string())
    }
}

impl From<JoinError> for Failure {
    fn from(_: JoinError) -> Self {
        Self::Broken
    }
}

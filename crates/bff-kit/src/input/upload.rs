//! Bodies that are files: read while they come, within limits of their own.

use std::time::Duration;

use axum::{
    body::{Body, HttpBody as _},
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::body::media_type;
use crate::error::{ApiError, Violation, ViolationKind};

/// How many bytes a piece has at most.
const PIECE_BYTES: usize = 64 * 1024;

/// A body that is a file. Its route has to be one of [`Manners::uploads`](crate::Manners::uploads).
#[derive(Debug)]
pub struct Upload {
    media_type: String,
    body: Body,
}

/// What a file may cost.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    /// How many bytes it may have.
    pub max_bytes: u64,
    /// How long its next bytes may be in coming.
    pub idle: Duration,
}

/// A file while it comes.
#[derive(Debug)]
pub struct Pieces {
    body: Body,
    /// What has come and is not taken yet.
    rest: Bytes,
    left: u64,
    idle: Duration,
}

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Self {
            media_type: media_type(request.headers()),
            body: request.into_body(),
        })
    }
}

impl Upload {
    /// What the client calls its type, such as `text/csv`.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Begins to read it; refused where it says beforehand that it is too large.
    pub fn open(self, limits: UploadLimits) -> Result<Pieces, ApiError> {
        if self.body.size_hint().lower() > limits.max_bytes {
            return Err(ApiError::BodyTooLarge);
        }
        Ok(Pieces {
            body: self.body,
            rest: Bytes::new(),
            left: limits.max_bytes,
            idle: limits.idle,
        })
    }
}

impl Pieces {
    /// The next bytes, 64 KiB at most; none at the end of the file, an error where that does not come.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        while self.rest.is_empty() {
            let frame = match tokio::time::timeout(self.idle, self.body.frame()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(_))) => return Err(broken("broke off before its end".to_owned())),
                Err(_) => return Err(broken(format!("stopped coming for {:?}", self.idle))),
            };
            // What is no data is trailers, which say nothing here.
            let data = frame.into_data().unwrap_or_default();
            let length = data.len() as u64;
            self.left = self.left.checked_sub(length).ok_or(ApiError::BodyTooLarge)?;
            self.rest = data;
        }
        let length = self.rest.len().min(PIECE_BYTES);
        Ok(Some(self.rest.split_to(length)))
    }
}

fn broken(detail: String) -> ApiError {
    ApiError::Invalid(vec![Violation::new("file", ViolationKind::Rule, &detail)])
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};

    use super::*;

    fn pieces(body: Body, max_bytes: u64) -> Pieces {
        let upload = Upload {
            media_type: String::new(),
            body,
        };
        let idle = Duration::from_millis(20);
        upload
            .open(UploadLimits { max_bytes, idle })
            .expect("not too large yet")
    }

    fn slowly(parts: &[&'static str]) -> Body {
        let parts = parts.to_vec();
        Body::from_stream(stream::iter(parts).map(Ok::<_, std::io::Error>))
    }

    #[tokio::test]
    async fn a_file_comes_in_pieces_of_a_size() {
        let mut pieces = pieces(Body::from(vec![7; PIECE_BYTES + 1]), 100_000);
        let lengths = [
            pieces.next().await.map(|piece| piece.map(|bytes| bytes.len())),
            pieces.next().await.map(|piece| piece.map(|bytes| bytes.len())),
            pieces.next().await.map(|piece| piece.map(|bytes| bytes.len())),
        ];
        assert_eq!(lengths, [Ok(Some(PIECE_BYTES)), Ok(Some(1)), Ok(None)]);
    }

    #[tokio::test]
    async fn a_file_that_grows_too_large_is_refused_when_it_does() {
        let mut pieces = pieces(slowly(&["abc", "def"]), 5);
        assert_eq!(pieces.next().await, Ok(Some("abc".into())));
        assert_eq!(pieces.next().await, Err(ApiError::BodyTooLarge));
    }

    #[tokio::test]
    async fn a_file_that_says_that_it_is_too_large_is_refused_at_once() {
        let upload = Upload {
            media_type: String::new(),
            body: Body::from("abcdef"),
        };
        let limits = UploadLimits {
            max_bytes: 5,
            idle: Duration::from_secs(1),
        };
        assert!(matches!(upload.open(limits), Err(ApiError::BodyTooLarge)));
    }

    #[tokio::test]
    async fn a_file_that_stops_coming_is_given_up() {
        let body = stream::iter([Ok::<_, std::io::Error>("abc")]).chain(stream::pending());
        let mut pieces = pieces(Body::from_stream(body), 100);
        assert_eq!(pieces.next().await, Ok(Some("abc".into())));
        let given_up = pieces.next().await;
        let Err(ApiError::Invalid(violations)) = given_up else {
            panic!("{given_up:?}")
        };
        assert_eq!(violations[0].detail, "stopped coming for 20ms");
    }

    #[tokio::test]
    async fn a_file_that_breaks_off_is_not_taken_for_a_whole_one() {
        let body = stream::iter([Ok("abc"), Err(std::io::Error::other("cut"))]);
        let mut pieces = pieces(Body::from_stream(body), 100);
        assert_eq!(pieces.next().await, Ok(Some("abc".into())));
        assert!(pieces.next().await.is_err());
    }
}

//! A comment on a post.

use bff_kit::Timestamp;
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Author, beginning};

/// How much of a comment is shown under its post, in characters.
const LONGEST: usize = 140;

/// A comment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comment {
    id: i64,
    body: String,
    /// Whether the comment goes on after `body`.
    more: bool,
    author: Author,
    created_at: Timestamp,
}

impl Comment {
    /// As much of a comment as is shown under its post.
    pub(crate) fn shortened(comment: message::Comment) -> Self {
        let short = beginning(&comment.body, LONGEST);
        Self {
            body: short.text,
            more: short.more,
            ..comment.into()
        }
    }
}

impl From<message::Comment> for Comment {
    fn from(comment: message::Comment) -> Self {
        Self {
            id: comment.id,
            body: comment.body,
            more: false,
            author: comment.author.into(),
            created_at: comment.created_at.into(),
        }
    }
}

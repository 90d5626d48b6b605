//! Something that the staff took away.

use bff_kit::Timestamp;
use proto::posts::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Author, to_check::PostName};

/// Why something has to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewModeration {
    /// Kept, and shown to the staff: 1 to 1,000 characters.
    pub(crate) reason: String,
}

/// Something that the staff took away.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Moderation {
    id: i64,
    /// The post that was taken away, or the one that the comment was on.
    post: PostName,
    /// The comment; null where the post itself was taken away.
    comment: Option<ModeratedComment>,
    /// Who wrote it.
    author: Author,
    /// Who took it away.
    moderator: Author,
    reason: String,
    created_at: Timestamp,
}

/// A comment that was taken away.
#[derive(Serialize, ToSchema)]
struct ModeratedComment {
    id: i64,
    body: String,
}

impl From<message::Moderation> for Moderation {
    fn from(moderation: message::Moderation) -> Self {
        let comment = moderation.comment_id.map(|id| ModeratedComment {
            id,
            body: moderation.comment_body.unwrap_or_default(),
        });
        Self {
            id: moderation.id,
            post: PostName {
                slug: moderation.post_slug,
                title: moderation.post_title,
            },
            comment,
            author: moderation.author.into(),
            moderator: moderation.moderator.into(),
            reason: moderation.reason,
            created_at: moderation.created_at.into(),
        }
    }
}

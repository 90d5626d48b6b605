//! What readers wrote, as somebody has to look at it.

use bff_kit::Timestamp;
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

use super::Author;

/// A post that somebody has to look at.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostToCheck {
    id: i64,
    slug: String,
    title: String,
    description: String,
    tags: Vec<String>,
    author: Author,
    like_count: i64,
    comment_count: i64,
    created_at: Timestamp,
}

/// A comment that somebody has to look at.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommentToCheck {
    id: i64,
    body: String,
    author: Author,
    /// The post that it is on.
    post: PostName,
    created_at: Timestamp,
}

/// What a post is called.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostName {
    pub(super) slug: String,
    pub(super) title: String,
}

impl From<message::Post> for PostToCheck {
    fn from(post: message::Post) -> Self {
        Self {
            id: post.id,
            slug: post.slug,
            title: post.title,
            description: post.description,
            tags: post.tags,
            author: post.author.into(),
            like_count: post.like_count,
            comment_count: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

impl From<message::PostedComment> for CommentToCheck {
    fn from(posted: message::PostedComment) -> Self {
        let comment = posted.comment.unwrap_or_default();
        Self {
            id: comment.id,
            body: comment.body,
            author: comment.author.into(),
            post: PostName {
                slug: posted.post_slug,
                title: posted.post_title,
            },
            created_at: comment.created_at.into(),
        }
    }
}

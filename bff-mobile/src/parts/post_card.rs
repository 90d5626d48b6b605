//! A post in a list.

use bff_kit::Timestamp;
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

use super::excerpt;

/// A post in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostCard {
    slug: String,
    title: String,
    /// The beginning of what it is about, at most 140 characters.
    excerpt: String,
    /// Name of whoever wrote it.
    author: String,
    likes: i64,
    comments: i64,
    created_at: Timestamp,
}

impl From<message::Post> for PostCard {
    fn from(post: message::Post) -> Self {
        Self {
            slug: post.slug,
            title: post.title,
            excerpt: excerpt(&post.description),
            author: post.author.unwrap_or_default().username,
            likes: post.like_count,
            comments: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

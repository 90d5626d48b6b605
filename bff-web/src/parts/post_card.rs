//! A post in a list.

use std::collections::HashMap;

use bff_kit::Timestamp;
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

use super::Author;

/// What the viewer has to do with posts, by their numbers.
pub(crate) type PostStates = HashMap<i64, message::PostViewerState>;

/// A post in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostCard {
    slug: String,
    title: String,
    /// What it is about, in full.
    description: String,
    /// In the author's order.
    tags: Vec<String>,
    author: Author,
    likes: i64,
    comments: i64,
    created_at: Timestamp,
    /// Null for a guest.
    viewer: Option<PostState>,
}

/// What the viewer has to do with a post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostState {
    liked: bool,
    following_author: bool,
}

impl PostCard {
    /// The cards of posts, each with what the viewer has to do with it.
    pub(crate) fn list(posts: Vec<message::Post>, states: &PostStates) -> Vec<Self> {
        posts.into_iter().map(|post| Self::new(post, states)).collect()
    }

    fn new(post: message::Post, states: &PostStates) -> Self {
        Self {
            viewer: states.get(&post.id).map(PostState::from),
            slug: post.slug,
            title: post.title,
            description: post.description,
            tags: post.tags,
            author: post.author.into(),
            likes: post.like_count,
            comments: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

impl From<&message::PostViewerState> for PostState {
    fn from(state: &message::PostViewerState) -> Self {
        Self {
            liked: state.liked,
            following_author: state.following_author,
        }
    }
}

//! Posts and comments, to be looked at and, where they have to, taken away.

use bff_kit::{ApiResult, Viewer, core::mask};
use proto::posts::v1::*;

use super::Core;

/// What a row of a post shows.
pub(super) const POST_ROW: [&str; 9] = [
    "id",
    "slug",
    "title",
    "description",
    "tags",
    "like_count",
    "comment_count",
    "created_at",
    "author",
];
/// What a post shows by itself.
const POST: [&str; 11] = [
    "id",
    "slug",
    "title",
    "description",
    "body",
    "tags",
    "like_count",
    "comment_count",
    "created_at",
    "updated_at",
    "author",
];

impl Core {
    /// A page of posts, newest first.
    pub(crate) async fn posts(
        &self,
        viewer: &Viewer,
        first: i32,
        after: String,
    ) -> ApiResult<ListPostsResponse> {
        let request = ListPostsRequest {
            page_size: first,
            page_token: after,
            read_mask: mask(&POST_ROW),
            ..Default::default()
        };
        self.channel.read_as(viewer, request).await
    }

    /// One post, with its text.
    pub(crate) async fn post(&self, viewer: &Viewer, slug: String) -> ApiResult<Post> {
        let request = GetPostRequest {
            key: Some(get_post_request::Key::Slug(slug)),
            read_mask: mask(&POST),
        };
        self.channel.read_as(viewer, request).await
    }

    /// A page of the comments on all posts, newest first.
    pub(crate) async fn comments(
        &self,
        viewer: &Viewer,
        first: i32,
        after: String,
    ) -> ApiResult<ListNewestCommentsResponse> {
        let request = ListNewestCommentsRequest {
            page_size: first,
            page_token: after,
        };
        self.channel.read_as(viewer, request).await
    }

    /// A page of what was taken away, the latest first.
    pub(crate) async fn moderations(
        &self,
        viewer: &Viewer,
        first: i32,
        after: String,
    ) -> ApiResult<ListModerationsResponse> {
        let request = ListModerationsRequest {
            page_size: first,
            page_token: after,
        };
        self.channel.read_as(viewer, request).await
    }

    /// Takes a post away.
    pub(crate) async fn moderate_post(
        &self,
        viewer: &Viewer,
        slug: String,
        reason: String,
    ) -> ApiResult<Moderation> {
        let request = ModeratePostRequest { slug, reason };
        self.channel.write_as(viewer, request).await
    }

    /// Takes a comment away.
    pub(crate) async fn moderate_comment(
        &self,
        viewer: &Viewer,
        slug: String,
        id: i64,
        reason: String,
    ) -> ApiResult<Moderation> {
        let request = ModerateCommentRequest { slug, id, reason };
        self.channel.write_as(viewer, request).await
    }
}

//! Comments on posts.

use bff_kit::{Aged, ApiResult, Viewer, core::mask};
use proto::posts::v1::*;

use super::{AT_MOST, Core};

/// What a comment shows.
const COMMENT: [&str; 5] = ["id", "body", "created_at", "updated_at", "author"];

impl Core {
    /// All comments on a post, newest first.
    pub(crate) async fn comments(&self, slug: String) -> ApiResult<Vec<Comment>> {
        let mut comments = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListCommentsRequest {
                slug: slug.clone(),
                page_size: AT_MOST as i32,
                page_token,
                read_mask: mask(&COMMENT),
            };
            let page = self.channel.read(request).await?.part;
            comments.extend(page.comments);
            if page.next_page_token.is_empty() {
                return Ok(comments);
            }
            page_token = page.next_page_token;
        }
    }

    /// Comments on a post.
    pub(crate) async fn comment(&self, viewer: &Viewer, slug: String, body: String) -> ApiResult<Comment> {
        let request = CreateCommentRequest { slug, body };
        self.channel.write_as(viewer, request).await
    }

    /// Takes the viewer's own comment away.
    pub(crate) async fn delete_comment(&self, viewer: &Viewer, slug: String, id: i64) -> ApiResult<()> {
        let request = DeleteCommentRequest { slug, id };
        self.channel.write_as(viewer, request).await
    }

    /// A page of the comments on a post, newest first.
    pub(crate) async fn page_of_comments(
        &self,
        slug: String,
        first: i32,
        after: String,
    ) -> ApiResult<Aged<ListCommentsResponse>> {
        let request = ListCommentsRequest {
            slug,
            page_size: first,
            page_token: after,
            read_mask: mask(&COMMENT),
        };
        self.channel.read(request).await
    }
}

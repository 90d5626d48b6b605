//! Posts, with their likes, comments and tags.

use bff_kit::{Aged, ApiResult, Viewer, core::mask};
use proto::posts::v1::*;

use super::Core;

/// What a card of a post shows.
const POST_CARD: [&str; 7] = [
    "slug",
    "title",
    "description",
    "like_count",
    "comment_count",
    "created_at",
    "author",
];
/// The same with the number of the post, by which an app that keeps it knows it.
pub(super) const SYNCED_POST: [&str; 8] = [
    "id",
    "slug",
    "title",
    "description",
    "like_count",
    "comment_count",
    "created_at",
    "author",
];
/// What a review of a book shows.
const REVIEW: [&str; 4] = ["slug", "title", "description", "author"];
/// What the screen of a post shows.
const POST: [&str; 9] = [
    "id",
    "title",
    "body",
    "tags",
    "book_id",
    "like_count",
    "comment_count",
    "created_at",
    "author",
];
/// What a comment shows.
const COMMENT: [&str; 4] = ["id", "body", "created_at", "author"];

/// Which posts a list is of.
#[derive(Default)]
pub(crate) struct PostFilter {
    pub(crate) tag: String,
    pub(crate) author: String,
}

impl Core {
    /// A page of posts, newest first.
    pub(crate) async fn posts(
        &self,
        filter: PostFilter,
        first: i32,
        after: String,
    ) -> ApiResult<Aged<ListPostsResponse>> {
        let PostFilter { tag, author } = filter;
        let request = ListPostsRequest {
            tag,
            author,
            page_size: first,
            page_token: after,
            read_mask: mask(&POST_CARD),
            ..Default::default()
        };
        self.channel.read(request).await
    }

    /// The newest posts about a book, as what `make` makes of them.
    pub(crate) async fn reviews<P: Clone + Send + Sync + 'static>(
        &self,
        book_id: i64,
        most: i32,
        make: fn(ListPostsResponse) -> P,
    ) -> ApiResult<Aged<P>> {
        let request = ListPostsRequest {
            book_id: Some(book_id),
            page_size: most,
            read_mask: mask(&REVIEW),
            ..Default::default()
        };
        self.channel.prepare(request, make).await
    }

    /// The newest posts of those whom the viewer follows; nothing for a guest.
    pub(crate) async fn feed(
        &self,
        viewer: Option<&Viewer>,
        first: i32,
    ) -> ApiResult<Option<ListPostsResponse>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let request = ListPostsRequest {
            feed: true,
            page_size: first,
            read_mask: mask(&POST_CARD),
            ..Default::default()
        };
        self.channel.read_as(viewer, request).await.map(Some)
    }

    /// The most used tags.
    pub(crate) async fn tags(&self, most_used: i32) -> ApiResult<Aged<ListTagsResponse>> {
        let request = ListTagsRequest { most_used };
        self.channel.read(request).await
    }

    /// One post.
    pub(crate) async fn post(&self, slug: String) -> ApiResult<Aged<Post>> {
        let key = Some(get_post_request::Key::Slug(slug));
        let request = GetPostRequest {
            key,
            read_mask: mask(&POST),
        };
        self.channel.read(request).await
    }

    /// The whole text of a post.
    pub(crate) async fn post_body(&self, slug: String) -> ApiResult<String> {
        let key = Some(get_post_request::Key::Slug(slug));
        let request = GetPostRequest {
            key,
            read_mask: mask(&["body"]),
        };
        Ok(self.channel.read(request).await?.part.body)
    }

    /// A page of the comments on a post, newest first.
    pub(crate) async fn comments(
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

    /// What the viewer has to do with a post; nothing for a guest.
    pub(crate) async fn post_state(
        &self,
        viewer: Option<&Viewer>,
        post_id: i64,
    ) -> ApiResult<Option<PostViewerState>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let request = BatchGetPostViewerStatesRequest {
            post_ids: vec![post_id],
        };
        Ok(self.channel.read_as(viewer, request).await?.states.pop())
    }

    /// The viewer likes a post: how many do so then.
    pub(crate) async fn like(&self, viewer: &Viewer, slug: String) -> ApiResult<i64> {
        let request = LikePostRequest {
            slug,
            read_mask: mask(&["like_count"]),
        };
        Ok(self.channel.write_as(viewer, request).await?.like_count)
    }

    /// The viewer likes a post no longer: how many do so then.
    pub(crate) async fn unlike(&self, viewer: &Viewer, slug: String) -> ApiResult<i64> {
        let request = UnlikePostRequest {
            slug,
            read_mask: mask(&["like_count"]),
        };
        Ok(self.channel.write_as(viewer, request).await?.like_count)
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
}

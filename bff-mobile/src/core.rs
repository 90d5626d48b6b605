//! What this gateway asks of the core. Each call names the fields that its screens show, and no others.

mod orders;

use bff_kit::{ApiResult, CoreChannel, Viewer, core::mask};
use proto::{
    books::v1::{book_service_client::BookServiceClient as Books, *},
    posts::v1::{post_service_client::PostServiceClient as Posts, *},
    users::v1::{session_service_client::SessionServiceClient as Sessions, *},
};

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
/// What the screen of a post shows.
const POST: [&str; 10] = [
    "id",
    "slug",
    "title",
    "body",
    "tags",
    "book_id",
    "like_count",
    "comment_count",
    "created_at",
    "author",
];
/// What a card of a book shows.
const BOOK_CARD: [&str; 8] = [
    "id",
    "title",
    "authors",
    "cover_url",
    "price_cents",
    "currency",
    "rating_hundredths",
    "ratings_count",
];
/// What the screen of a book shows.
const BOOK: [&str; 11] = [
    "id",
    "title",
    "authors",
    "published_year",
    "description",
    "cover_url",
    "price_cents",
    "currency",
    "stock",
    "rating_hundredths",
    "ratings_count",
];
/// What a comment shows.
const COMMENT: [&str; 4] = ["id", "body", "created_at", "author"];

/// The core, as this gateway sees it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: CoreChannel,
}

/// Which posts a list is of.
#[derive(Default)]
pub(crate) struct PostFilter {
    pub(crate) tag: String,
    pub(crate) author: String,
    pub(crate) book_id: Option<i64>,
}

impl Core {
    pub(crate) fn new(channel: CoreChannel) -> Self {
        Self { channel }
    }

    /// Signs in on this device.
    pub(crate) async fn sign_in(
        &self,
        email: String,
        password: String,
        device: String,
    ) -> ApiResult<CreateSessionResponse> {
        let request = CreateSessionRequest {
            email,
            password,
            device,
        };
        self.channel
            .write(request, async |c, r| Sessions::new(c).create_session(r).await)
            .await
    }

    /// Ends the viewer's session.
    pub(crate) async fn sign_out(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = DeleteSessionRequest {};
        self.channel
            .write_as(viewer, request, async |c, r| {
                Sessions::new(c).delete_session(r).await
            })
            .await
    }

    /// Gives the next pass for the refresh token of the last one.
    pub(crate) async fn refresh(&self, refresh_token: String) -> ApiResult<Pass> {
        let request = RefreshSessionRequest { refresh_token };
        self.channel
            .write(request, async |c, r| Sessions::new(c).refresh_session(r).await)
            .await
    }

    /// Where the viewer is signed in.
    pub(crate) async fn sessions(&self, viewer: &Viewer) -> ApiResult<ListSessionsResponse> {
        let request = ListSessionsRequest {};
        self.channel
            .read_as(viewer, request, async |c, r| {
                Sessions::new(c).list_sessions(r).await
            })
            .await
    }

    /// Ends one of the viewer's sessions.
    pub(crate) async fn revoke_session(&self, viewer: &Viewer, id: i64) -> ApiResult<()> {
        let request = RevokeSessionRequest { id };
        self.channel
            .write_as(viewer, request, async |c, r| {
                Sessions::new(c).revoke_session(r).await
            })
            .await
    }

    /// Ends all of the viewer's sessions but this one.
    pub(crate) async fn revoke_other_sessions(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = RevokeOtherSessionsRequest {};
        self.channel
            .write_as(viewer, request, async |c, r| {
                Sessions::new(c).revoke_other_sessions(r).await
            })
            .await
    }

    /// A page of posts, newest first.
    pub(crate) async fn posts(
        &self,
        filter: PostFilter,
        first: i32,
        after: String,
    ) -> ApiResult<ListPostsResponse> {
        let PostFilter { tag, author, book_id } = filter;
        let request = ListPostsRequest {
            tag,
            author,
            book_id,
            page_size: first,
            page_token: after,
            read_mask: mask(&POST_CARD),
            ..Default::default()
        };
        self.channel
            .read(request, async |c, r| Posts::new(c).list_posts(r).await)
            .await
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
        self.channel
            .read_as(viewer, request, async |c, r| Posts::new(c).list_posts(r).await)
            .await
            .map(Some)
    }

    /// The most used tags.
    pub(crate) async fn tags(&self, most_used: i32) -> ApiResult<ListTagsResponse> {
        let request = ListTagsRequest { most_used };
        self.channel
            .read(request, async |c, r| Posts::new(c).list_tags(r).await)
            .await
    }

    /// One post.
    pub(crate) async fn post(&self, slug: String) -> ApiResult<Post> {
        let key = Some(get_post_request::Key::Slug(slug));
        let request = GetPostRequest {
            key,
            read_mask: mask(&POST),
        };
        self.channel
            .read(request, async |c, r| Posts::new(c).get_post(r).await)
            .await
    }

    /// The newest comments on a post.
    pub(crate) async fn comments(&self, slug: String, first: i32) -> ApiResult<ListCommentsResponse> {
        let request = ListCommentsRequest {
            slug,
            page_size: first,
            read_mask: mask(&COMMENT),
            ..Default::default()
        };
        self.channel
            .read(request, async |c, r| Posts::new(c).list_comments(r).await)
            .await
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
        let method = async |c, r| Posts::new(c).batch_get_post_viewer_states(r).await;
        Ok(self.channel.read_as(viewer, request, method).await?.states.pop())
    }

    /// A page of books, most rated first, those that match the words `query` where there are any.
    pub(crate) async fn books(
        &self,
        query: String,
        first: i32,
        after: String,
    ) -> ApiResult<ListBooksResponse> {
        let request = ListBooksRequest {
            query,
            order: BookOrder::Popular.into(),
            page_size: first,
            page_token: after,
            read_mask: mask(&BOOK_CARD),
        };
        self.channel
            .read(request, async |c, r| Books::new(c).list_books(r).await)
            .await
    }

    /// One book.
    pub(crate) async fn book(&self, id: i64) -> ApiResult<Book> {
        let request = GetBookRequest {
            id,
            read_mask: mask(&BOOK),
        };
        self.channel
            .read(request, async |c, r| Books::new(c).get_book(r).await)
            .await
    }

    /// The card of a book; nothing where there is no number.
    pub(crate) async fn book_card(&self, id: Option<i64>) -> ApiResult<Option<Book>> {
        let Some(id) = id else { return Ok(None) };
        let request = GetBookRequest {
            id,
            read_mask: mask(&BOOK_CARD),
        };
        self.channel
            .read(request, async |c, r| Books::new(c).get_book(r).await)
            .await
            .map(Some)
    }

    /// What the viewer has to do with a book; nothing for a guest.
    pub(crate) async fn book_state(
        &self,
        viewer: Option<&Viewer>,
        book_id: i64,
    ) -> ApiResult<Option<BookViewerState>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let request = BatchGetBookViewerStatesRequest {
            book_ids: vec![book_id],
        };
        let method = async |c, r| Books::new(c).batch_get_book_viewer_states(r).await;
        Ok(self.channel.read_as(viewer, request, method).await?.states.pop())
    }
}

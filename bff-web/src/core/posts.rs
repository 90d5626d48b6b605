//! Posts, with their likes, comments and tags.

use std::collections::HashMap;

use bff_kit::{Aged, ApiResult, Viewer, core::mask};
use proto::posts::v1::*;

use super::{AT_MOST, Core};

/// What an article of the Conduit contract shows in a list; `viewer` is asked for only where there is one.
const ARTICLE: [&str; 8] = [
    "slug",
    "title",
    "description",
    "tags",
    "like_count",
    "created_at",
    "updated_at",
    "author",
];
/// What a card of a post shows.
const POST_CARD: [&str; 9] = [
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
/// What the screen of a post shows.
const POST: [&str; 12] = [
    "id",
    "slug",
    "title",
    "description",
    "body",
    "tags",
    "book_id",
    "like_count",
    "comment_count",
    "created_at",
    "updated_at",
    "author",
];
/// What another post shows beside one by the same author.
const OTHER_POST: [&str; 7] = [
    "id",
    "slug",
    "title",
    "description",
    "like_count",
    "comment_count",
    "created_at",
];
/// What a post shows beside another one on the same subject.
const RELATED_POST: [&str; 8] = [
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
const REVIEW: [&str; 8] = [
    "slug",
    "title",
    "description",
    "body",
    "like_count",
    "comment_count",
    "created_at",
    "author",
];

/// Which articles, and which part of them.
#[derive(Default)]
pub(crate) struct PostFilter {
    pub(crate) tag: String,
    pub(crate) author: String,
    pub(crate) liked_by: String,
    /// Only those of whom the viewer follows.
    pub(crate) feed: bool,
    pub(crate) page_size: i32,
    pub(crate) skip: i32,
}

impl Core {
    /// Articles without their texts, newest first, and how many there are in all.
    pub(crate) async fn articles(
        &self,
        viewer: Option<&Viewer>,
        filter: PostFilter,
    ) -> ApiResult<ListPostsResponse> {
        let request = ListPostsRequest {
            tag: filter.tag,
            author: filter.author,
            liked_by: filter.liked_by,
            feed: filter.feed,
            page_size: filter.page_size,
            skip: filter.skip,
            with_total: true,
            read_mask: mask(&article_fields(viewer, &[])),
            ..Default::default()
        };
        match viewer {
            Some(viewer) => self.channel.read_as(viewer, request).await,
            None => Ok(self.channel.read(request).await?.part),
        }
    }

    /// One article, with its text.
    pub(crate) async fn article(&self, viewer: Option<&Viewer>, slug: String) -> ApiResult<Post> {
        let request = GetPostRequest {
            key: Some(get_post_request::Key::Slug(slug)),
            read_mask: mask(&article_fields(viewer, &["body"])),
        };
        match viewer {
            Some(viewer) => self.channel.read_as(viewer, request).await,
            None => Ok(self.channel.read(request).await?.part),
        }
    }

    /// Writes a post.
    pub(crate) async fn write_post(&self, viewer: &Viewer, post: CreatePostRequest) -> ApiResult<Post> {
        self.channel.write_as(viewer, post).await
    }

    /// Changes the viewer's own post.
    pub(crate) async fn change_post(&self, viewer: &Viewer, change: UpdatePostRequest) -> ApiResult<Post> {
        self.channel.write_as(viewer, change).await
    }

    /// Takes the viewer's own post away.
    pub(crate) async fn delete_post(&self, viewer: &Viewer, slug: String) -> ApiResult<()> {
        let request = DeletePostRequest { slug };
        self.channel.write_as(viewer, request).await
    }

    /// The viewer likes a post: the article, as it is then.
    pub(crate) async fn like(&self, viewer: &Viewer, slug: String) -> ApiResult<Post> {
        let request = LikePostRequest {
            slug,
            read_mask: mask(&article_fields(Some(viewer), &["body"])),
        };
        self.channel.write_as(viewer, request).await
    }

    /// The viewer likes a post no longer: the article, as it is then.
    pub(crate) async fn unlike(&self, viewer: &Viewer, slug: String) -> ApiResult<Post> {
        let request = UnlikePostRequest {
            slug,
            read_mask: mask(&article_fields(Some(viewer), &["body"])),
        };
        self.channel.write_as(viewer, request).await
    }

    /// Tags: the most used ones, or all of them in alphabetical order where `most_used` is 0.
    pub(crate) async fn tags(&self, most_used: i32) -> ApiResult<Aged<Vec<Tag>>> {
        let request = ListTagsRequest { most_used };
        Ok(self.channel.read(request).await?.map(|found| found.tags))
    }

    /// The newest posts.
    pub(crate) async fn newest_posts(&self, most: i32) -> ApiResult<Aged<Vec<Post>>> {
        let request = ListPostsRequest {
            page_size: most,
            read_mask: mask(&POST_CARD),
            ..Default::default()
        };
        Ok(self.channel.read(request).await?.map(|found| found.posts))
    }

    /// The newest posts of those whom the viewer follows; nothing for a guest.
    pub(crate) async fn feed(&self, viewer: Option<&Viewer>, most: i32) -> ApiResult<Option<Vec<Post>>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let request = ListPostsRequest {
            feed: true,
            page_size: most,
            read_mask: mask(&POST_CARD),
            ..Default::default()
        };
        let found = self.channel.read_as(viewer, request).await?;
        Ok(Some(found.posts))
    }

    /// The newest posts about a book, and how many there are in all, as what `make` makes of them.
    pub(crate) async fn reviews<P: Clone + Send + Sync + 'static>(
        &self,
        book_id: i64,
        most: i32,
        make: fn(ListPostsResponse) -> P,
    ) -> ApiResult<Aged<P>> {
        let request = ListPostsRequest {
            book_id: Some(book_id),
            page_size: most,
            with_total: true,
            read_mask: mask(&REVIEW),
            ..Default::default()
        };
        self.channel.prepare(request, make).await
    }

    /// One post, for its screen.
    pub(crate) async fn post(&self, slug: String) -> ApiResult<Aged<Post>> {
        let request = GetPostRequest {
            key: Some(get_post_request::Key::Slug(slug)),
            read_mask: mask(&POST),
        };
        self.channel.read(request).await
    }

    /// The newest posts of somebody, in short.
    pub(crate) async fn other_posts(&self, author: String, most: i32) -> ApiResult<Aged<Vec<Post>>> {
        let request = ListPostsRequest {
            author,
            page_size: most,
            read_mask: mask(&OTHER_POST),
            ..Default::default()
        };
        Ok(self.channel.read(request).await?.map(|found| found.posts))
    }

    /// The newest posts with a tag; none where there is no tag.
    pub(crate) async fn posts_tagged(&self, tag: Option<String>, most: i32) -> ApiResult<Aged<Vec<Post>>> {
        let Some(tag) = tag else {
            return Ok(Vec::new().into());
        };
        let request = ListPostsRequest {
            tag,
            page_size: most,
            read_mask: mask(&RELATED_POST),
            ..Default::default()
        };
        Ok(self.channel.read(request).await?.map(|found| found.posts))
    }

    /// A page of the posts that somebody wrote.
    pub(crate) async fn posts_by(
        &self,
        author: String,
        first: i32,
        after: String,
    ) -> ApiResult<Aged<ListPostsResponse>> {
        let request = ListPostsRequest {
            author,
            ..page_of_cards(first, after)
        };
        self.channel.read(request).await
    }

    /// A page of the posts that somebody likes.
    pub(crate) async fn posts_liked_by(
        &self,
        liked_by: String,
        first: i32,
        after: String,
    ) -> ApiResult<Aged<ListPostsResponse>> {
        let request = ListPostsRequest {
            liked_by,
            ..page_of_cards(first, after)
        };
        self.channel.read(request).await
    }

    /// What the viewer has to do with each of these posts; nothing for a guest. Also refuses a token that is not
    /// valid, even where there are no posts.
    pub(crate) async fn post_states(
        &self,
        viewer: Option<&Viewer>,
        ids: Vec<i64>,
    ) -> ApiResult<HashMap<i64, PostViewerState>> {
        let mut states = HashMap::new();
        let Some(viewer) = viewer else {
            return Ok(states);
        };
        let mut post_ids = ids;
        loop {
            let later = post_ids.split_off(post_ids.len().min(AT_MOST));
            let request = BatchGetPostViewerStatesRequest { post_ids };
            let found = self.channel.read_as(viewer, request).await?.states;
            states.extend(found.into_iter().map(|state| (state.post_id, state)));
            if later.is_empty() {
                return Ok(states);
            }
            post_ids = later;
        }
    }
}

/// Asks for a page of cards; for the first also how many there are in all.
fn page_of_cards(first: i32, after: String) -> ListPostsRequest {
    ListPostsRequest {
        page_size: first,
        with_total: after.is_empty(),
        page_token: after,
        read_mask: mask(&POST_CARD),
        ..Default::default()
    }
}

fn article_fields<'a>(viewer: Option<&Viewer>, more: &[&'a str]) -> Vec<&'a str> {
    let viewer = viewer.map(|_| "viewer");
    ARTICLE
        .into_iter()
        .chain(more.iter().copied())
        .chain(viewer)
        .collect()
}

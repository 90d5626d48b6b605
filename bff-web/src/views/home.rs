//! `GET /api/views/home`: what the app opens with.
//!
//! Needs nothing, so that the app always opens: the newest posts, the tags, the popular books, the feed of
//! those whom the viewer follows, and what the viewer has to do with the posts can each go missing.

use axum::extract::State;
use bff_kit::{ApiResult, Rendered, Sections, View};
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{BookCard, PostCard, cards},
    session::SignedIn,
    web::Web,
};

/// How much there is of each.
const POSTS: i32 = 20;
const TAGS: i32 = 20;
const BOOKS: i32 = 12;
const FEED: i32 = 10;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The home screen.
#[utoipa::path(
    get, path = "/api/views/home", operation_id = "home", tag = "screens", security((), ("token" = [])),
    responses((status = 200, description = "The screen", body = View<Home>))
)]
async fn show(State(core): State<Core>, viewer: Option<SignedIn>) -> ApiResult<View<Home>> {
    let viewer = viewer.as_deref();
    let (posts, tags, books, feed) = tokio::join!(
        core.newest_posts(POSTS),
        core.tags(TAGS),
        core.popular_books(BOOKS, |found| Rendered::of(&cards(found.books))),
        core.feed(viewer, FEED),
    );

    let mut sections = Sections::new();
    let posts = sections.cached("posts", posts)?;
    let feed = sections.optional("feed", feed)?.flatten();
    let ids = posts.iter().chain(&feed).flatten().map(|post| post.id).collect();
    let states = core.post_states(viewer, ids).await;
    let states = sections.optional("viewer", states)?.unwrap_or_default();
    let page = Home {
        posts: posts.map(|posts| PostCard::list(posts, &states)),
        feed: feed.map(|feed| PostCard::list(feed, &states)),
        tags: sections.cached("tags", tags)?.map(cards),
        books: sections.cached("books", books)?,
    };
    Ok(View::new(page, sections))
}

/// The home screen.
#[derive(Serialize, ToSchema)]
struct Home {
    /// The newest posts of all.
    posts: Option<Vec<PostCard>>,
    /// The newest posts of those whom the viewer follows; null for a guest.
    feed: Option<Vec<PostCard>>,
    /// The most used tags.
    tags: Option<Vec<Tag>>,
    /// The most rated books.
    #[schema(value_type = Option<Vec<BookCard>>)]
    books: Option<Rendered<Vec<BookCard>>>,
}

/// A tag, and how many posts have it.
#[derive(Serialize, ToSchema)]
struct Tag {
    name: String,
    posts: i64,
}

impl From<message::Tag> for Tag {
    fn from(tag: message::Tag) -> Self {
        Self {
            name: tag.name,
            posts: tag.post_count,
        }
    }
}

//! `GET /api/views/home`: what the app opens with.
//!
//! Needs nothing, so that the app always opens: the newest posts, the tags, the popular books, the feed of
//! those whom the viewer follows, and what the viewer has to do with the posts can each go missing.

use std::collections::HashMap;

use axum::extract::State;
use bff_kit::{ApiResult, Sections, Timestamp, View, Viewer};
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Author, BookCard, cards},
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
        core.popular_books(BOOKS),
        core.feed(viewer, FEED),
    );

    let mut sections = Sections::new();
    let posts = sections.optional("posts", posts)?;
    let feed = sections.optional("feed", feed)?.flatten();
    let ids = posts.iter().chain(&feed).flatten().map(|post| post.id).collect();
    let states = states_of(&core, viewer, ids).await;
    let states = sections.optional("viewer", states)?.unwrap_or_default();
    let page = Home {
        posts: posts.map(|posts| with_states(posts, &states)),
        feed: feed.map(|feed| with_states(feed, &states)),
        tags: sections.optional("tags", tags)?.map(cards),
        books: sections.optional("books", books)?.map(cards),
    };
    Ok(View::new(page, sections))
}

type States = HashMap<i64, message::PostViewerState>;

/// What the viewer has to do with each of these posts; nothing for a guest.
async fn states_of(core: &Core, viewer: Option<&Viewer>, ids: Vec<i64>) -> ApiResult<States> {
    let Some(viewer) = viewer.filter(|_| !ids.is_empty()) else {
        return Ok(States::new());
    };
    let states = core.post_states(viewer, ids).await?;
    Ok(states.into_iter().map(|state| (state.post_id, state)).collect())
}

fn with_states(posts: Vec<message::Post>, states: &States) -> Vec<PostCard> {
    posts
        .into_iter()
        .map(|post| PostCard::new(post, states))
        .collect()
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
    books: Option<Vec<BookCard>>,
}

/// A post in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PostCard {
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
struct PostState {
    liked: bool,
    following_author: bool,
}

/// A tag, and how many posts have it.
#[derive(Serialize, ToSchema)]
struct Tag {
    name: String,
    posts: i64,
}

impl PostCard {
    fn new(post: message::Post, states: &States) -> Self {
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

impl From<message::Tag> for Tag {
    fn from(tag: message::Tag) -> Self {
        Self {
            name: tag.name,
            posts: tag.post_count,
        }
    }
}

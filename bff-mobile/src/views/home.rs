//! `GET /v1/home`: what the app opens with.
//!
//! Needs nothing, so that the app always opens: the newest posts, the tags, the popular books and the feed of
//! those whom the viewer follows can each go missing.

use axum::extract::State;
use bff_kit::{ApiResult, Sections, View, Viewer};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::{Core, PostFilter},
    parts::{BookCard, PostCard, cards},
};

/// How much there is of each.
const POSTS: i32 = 6;
const TAGS: i32 = 8;
const BOOKS: i32 = 4;
const FEED: i32 = 5;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The home screen.
#[utoipa::path(
    get, path = "/v1/home", operation_id = "home", tag = "screens", security((), ("token" = [])),
    responses((status = 200, description = "The screen", body = View<Home>))
)]
async fn show(State(core): State<Core>, viewer: Option<Viewer>) -> ApiResult<View<Home>> {
    let (posts, tags, books, feed) = tokio::join!(
        core.posts(PostFilter::default(), POSTS, String::new()),
        core.tags(TAGS),
        core.books(String::new(), BOOKS, String::new()),
        core.feed(viewer.as_ref(), FEED),
    );

    let mut sections = Sections::new();
    let page = Home {
        posts: sections.cached("posts", posts)?.map(|found| cards(found.posts)),
        tags: sections
            .cached("tags", tags)?
            .map(|found| found.tags.into_iter().map(|tag| tag.name).collect()),
        books: sections.cached("books", books)?.map(|found| cards(found.books)),
        feed: sections
            .optional("feed", feed)?
            .flatten()
            .map(|found| cards(found.posts)),
    };
    Ok(View::new(page, sections))
}

/// The home screen.
#[derive(Serialize, ToSchema)]
struct Home {
    /// The newest posts of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    posts: Option<Vec<PostCard>>,
    /// The most used tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<String>>,
    /// The most rated books.
    #[serde(skip_serializing_if = "Option::is_none")]
    books: Option<Vec<BookCard>>,
    /// The newest posts of those whom the viewer follows; left out for a guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<Vec<PostCard>>,
}

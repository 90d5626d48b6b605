//! `GET /v1/workspace`: what the staff begin their day with.
//!
//! Needs the account and the books that run low; can do without the newest posts to look at and without
//! the popular books.

use axum::extract::State;
use bff_kit::{ApiResult, Sections, Timestamp, View};
use proto::{books::v1::BookOrder, posts::v1 as message};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::BookRow,
    session::{Account, Staff},
};

/// How much there is of each.
const LOW_STOCK: i32 = 20;
const POSTS: i32 = 20;
const POPULAR: i32 = 10;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The workspace.
#[utoipa::path(
    get, path = "/v1/workspace", operation_id = "workspace", tag = "screens", security(("token" = [])),
    responses((status = 200, description = "The screen", body = View<Workspace>))
)]
async fn show(State(core): State<Core>, staff: Staff) -> ApiResult<View<Workspace>> {
    let viewer = &staff.viewer;
    let books = |order, first| core.books(viewer, String::new(), order, first, String::new());
    let (low_stock, popular, posts) = tokio::join!(
        books(BookOrder::Stock, LOW_STOCK),
        books(BookOrder::Popular, POPULAR),
        core.newest_posts(viewer, POSTS),
    );

    let mut sections = Sections::new();
    let rows = |books: Vec<_>| books.into_iter().map(BookRow::from).collect();
    let page = Workspace {
        account: staff.account.into(),
        low_stock: rows(low_stock?.books),
        posts: sections
            .optional("posts", posts)?
            .map(|found| found.posts.into_iter().map(PostToCheck::from).collect()),
        popular: sections
            .optional("popular", popular)?
            .map(|found| rows(found.books)),
    };
    Ok(View::new(page, sections))
}

/// The workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Workspace {
    account: Account,
    /// The books with the fewest copies.
    low_stock: Vec<BookRow>,
    /// The newest posts, to be looked at.
    posts: Option<Vec<PostToCheck>>,
    /// The most rated books.
    popular: Option<Vec<BookRow>>,
}

/// A post that somebody has to look at.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PostToCheck {
    id: i64,
    slug: String,
    title: String,
    description: String,
    tags: Vec<String>,
    author: Author,
    like_count: i64,
    comment_count: i64,
    created_at: Timestamp,
}

/// Who wrote it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Author {
    id: i64,
    username: String,
    name: String,
}

impl From<message::Post> for PostToCheck {
    fn from(post: message::Post) -> Self {
        let author = post.author.unwrap_or_default();
        Self {
            id: post.id,
            slug: post.slug,
            title: post.title,
            description: post.description,
            tags: post.tags,
            author: Author {
                id: author.id,
                username: author.username,
                name: author.name,
            },
            like_count: post.like_count,
            comment_count: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

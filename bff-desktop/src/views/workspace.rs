//! `GET /v1/workspace`: what the staff begin their day with.
//!
//! Needs the account and the books that run low; can do without the newest posts to look at and without
//! the popular books.

use axum::extract::State;
use bff_kit::{ApiResult, Sections, View};
use proto::books::v1::BookOrder;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{BookRow, PostToCheck},
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
        core.posts(viewer, POSTS, String::new()),
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

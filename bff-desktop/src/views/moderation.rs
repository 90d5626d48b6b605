//! `GET /v1/moderation`: what readers wrote last, to be looked at.
//!
//! Needs the posts; can do without the comments and without what was taken away before. Each goes on by its
//! `endCursor`: in `GET /v1/posts`, `GET /v1/comments` and `GET /v1/moderations`.

use axum::extract::State;
use bff_kit::{ApiResult, Sections, View, page::Page};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{CommentToCheck, Moderation, PostToCheck},
    session::Staff,
};

/// How much there is of each.
const POSTS: i32 = 20;
const COMMENTS: i32 = 30;
const MODERATIONS: i32 = 10;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// What readers wrote last.
#[utoipa::path(
    get, path = "/v1/moderation", operation_id = "moderation", tag = "screens", security(("token" = ["staff"])),
    responses((status = 200, description = "The screen", body = View<ModerationDesk>))
)]
async fn show(State(core): State<Core>, staff: Staff) -> ApiResult<View<ModerationDesk>> {
    let viewer = &staff.viewer;
    let (posts, comments, moderations) = tokio::join!(
        core.posts(viewer, POSTS, String::new()),
        core.comments(viewer, COMMENTS, String::new()),
        core.moderations(viewer, MODERATIONS, String::new()),
    );
    let posts = posts?;

    let mut sections = Sections::new();
    let page = ModerationDesk {
        posts: Page::new(posts.posts, posts.next_page_token),
        comments: sections
            .optional("comments", comments)?
            .map(|found| Page::new(found.comments, found.next_page_token)),
        moderations: sections
            .optional("moderations", moderations)?
            .map(|found| Page::new(found.moderations, found.next_page_token)),
    };
    Ok(View::new(page, sections))
}

/// What readers wrote last.
#[derive(Serialize, ToSchema)]
struct ModerationDesk {
    /// The newest posts.
    posts: Page<PostToCheck>,
    /// The newest comments.
    comments: Option<Page<CommentToCheck>>,
    /// What was taken away last.
    moderations: Option<Page<Moderation>>,
}

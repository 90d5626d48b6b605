//! `/api/articles/{slug}/comments`: what readers say about an article.

use axum::{Json, extract::State};
use bff_kit::{ApiError, Path, Timestamp};
use http::StatusCode;
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    error::{ConduitResult, Errors},
    input::{Conduit, Fields, Input, Sent},
    profiles::Profile,
};
use crate::{core::Core, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
}

/// All comments on an article, newest first.
#[utoipa::path(
    get, path = "/api/articles/{slug}/comments", operation_id = "listComments", tag = "conduit",
    security((), ("token" = [])),
    params(("slug" = String, Path, description = "The article's name in addresses")),
    responses(
        (status = 200, description = "The comments", body = CommentsAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn list(
    State(core): State<Core>,
    Conduit(viewer): Conduit<Option<SignedIn>>,
    Conduit(Path(slug)): Conduit<Path<String>>,
) -> ConduitResult<Json<CommentsAnswer>> {
    let comments = core.comments(slug).await;
    let mut authors: Vec<_> = comments.iter().flatten().filter_map(author_id).collect();
    authors.sort_unstable();
    authors.dedup();
    // Refuses an invalid token, also where there is no such article.
    let followed = core.followed(viewer.as_deref(), authors).await?;
    let comments = comments?.into_iter().map(|comment| {
        let following = author_id(&comment).is_some_and(|id| followed.contains(&id));
        Comment::new(comment, following)
    });
    Ok(Json(CommentsAnswer {
        comments: comments.collect(),
    }))
}

/// Comment on an article.
#[utoipa::path(
    post, path = "/api/articles/{slug}/comments", operation_id = "createComment", tag = "conduit",
    security(("token" = [])), request_body = CommentCreation,
    params(("slug" = String, Path, description = "The article's name in addresses")),
    responses(
        (status = 201, description = "The comment", body = CommentAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn create(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(slug)): Conduit<Path<String>>,
    Sent(CommentCreation { comment }): Sent<CommentCreation>,
) -> ConduitResult<(StatusCode, Json<CommentAnswer>)> {
    let comment = core.comment(&viewer, slug, comment.body).await?;
    // It is the viewer's own, and nobody follows themselves.
    let comment = Comment::new(comment, false);
    Ok((StatusCode::CREATED, Json(CommentAnswer { comment })))
}

/// Take one's own comment away.
#[utoipa::path(
    delete, path = "/api/articles/{slug}/comments/{id}", operation_id = "deleteComment", tag = "conduit",
    security(("token" = [])),
    params(
        ("slug" = String, Path, description = "The article's name in addresses"),
        ("id" = i64, Path, description = "The comment's number"),
    ),
    extensions(("x-problems" = json!(["FORBIDDEN"]))),
    responses(
        (status = 204, description = "It is gone"),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn delete(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path((slug, id))): Conduit<Path<(String, String)>>,
) -> ConduitResult<StatusCode> {
    let id = id.parse().map_err(|_| ApiError::not_found("comment"))?;
    core.delete_comment(&viewer, slug, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn author_id(comment: &message::Comment) -> Option<i64> {
    comment.author.as_ref().map(|author| author.id)
}

/// A new comment under its key.
#[derive(ToSchema)]
struct CommentCreation {
    comment: NewComment,
}

/// A new comment.
#[derive(ToSchema)]
struct NewComment {
    body: String,
}

impl Input for CommentCreation {
    const KEY: &'static str = "comment";

    fn read(fields: &mut Fields) -> Self {
        let body = fields.required("body");
        Self {
            comment: NewComment { body },
        }
    }
}

/// Comments under their key.
#[derive(Serialize, ToSchema)]
struct CommentsAnswer {
    comments: Vec<Comment>,
}

/// A comment under its key.
#[derive(Serialize, ToSchema)]
struct CommentAnswer {
    comment: Comment,
}

/// A comment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Comment {
    id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    body: String,
    author: Profile,
}

impl Comment {
    fn new(comment: message::Comment, following: bool) -> Self {
        Self {
            id: comment.id,
            created_at: comment.created_at.into(),
            updated_at: comment.updated_at.into(),
            body: comment.body,
            author: Profile::new(comment.author, following),
        }
    }
}

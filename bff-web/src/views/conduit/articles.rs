//! `/api/articles` and `/api/articles/feed`: articles without their texts, newest first.

use axum::{Json, extract::State};
use bff_kit::{Query, Timestamp, Viewer};
use proto::posts::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    error::{ConduitResult, Errors},
    input::Conduit,
    profiles::Profile,
};
use crate::{
    core::{Core, PostFilter},
    session::SignedIn,
    web::Web,
};

/// How many articles there are in a list where nobody says.
const LIMIT: i64 = 20;
/// How many there are at most, whatever anybody says.
const MOST: i64 = 100;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(feed))
}

/// Articles, newest first.
#[utoipa::path(
    get, path = "/api/articles", operation_id = "listArticles", tag = "conduit",
    security((), ("token" = [])), params(Wanted),
    responses(
        (status = 200, description = "The articles", body = Articles),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn list(
    State(core): State<Core>,
    Conduit(viewer): Conduit<Option<SignedIn>>,
    Conduit(Query(wanted)): Conduit<Query<Wanted>>,
) -> ConduitResult<Json<Articles>> {
    let filter = PostFilter {
        tag: wanted.tag.unwrap_or_default(),
        author: wanted.author.unwrap_or_default(),
        liked_by: wanted.favorited.unwrap_or_default(),
        ..PostFilter::default()
    };
    found(&core, viewer.as_deref(), filter, wanted.limit, wanted.offset).await
}

/// Articles of those whom one follows, newest first.
#[utoipa::path(
    get, path = "/api/articles/feed", operation_id = "feed", tag = "conduit",
    security(("token" = [])), params(Part),
    responses(
        (status = 200, description = "The articles", body = Articles),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn feed(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Query(part)): Conduit<Query<Part>>,
) -> ConduitResult<Json<Articles>> {
    let filter = PostFilter {
        feed: true,
        ..PostFilter::default()
    };
    found(&core, Some(&viewer), filter, part.limit, part.offset).await
}

async fn found(
    core: &Core,
    viewer: Option<&Viewer>,
    filter: PostFilter,
    limit: Option<i64>,
    offset: Option<i32>,
) -> ConduitResult<Json<Articles>> {
    let limit = limit.unwrap_or(LIMIT).clamp(0, MOST) as i32;
    let filter = PostFilter {
        // The core takes 0 for its own default.
        page_size: limit.max(1),
        skip: offset.unwrap_or_default(),
        ..filter
    };
    let found = core.articles(viewer, filter).await?;
    Ok(Json(Articles {
        articles_count: found.total_size.unwrap_or_default(),
        articles: found
            .posts
            .into_iter()
            .take(limit.unsigned_abs() as usize)
            .map(Article::from)
            .collect(),
    }))
}

/// Which articles.
#[derive(Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// With this tag.
    tag: Option<String>,
    /// By the user of this name.
    author: Option<String>,
    /// That the user of this name likes.
    favorited: Option<String>,
    /// How many at most; 20 where it is not said, and never more than 100.
    #[schema(minimum = 0)]
    #[param(minimum = 0)]
    limit: Option<i64>,
    /// How many to pass over first.
    #[schema(minimum = 0)]
    #[param(minimum = 0)]
    offset: Option<i32>,
}

/// Which part of the list.
#[derive(Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
struct Part {
    /// How many at most; 20 where it is not said, and never more than 100.
    #[schema(minimum = 0)]
    #[param(minimum = 0)]
    limit: Option<i64>,
    /// How many to pass over first.
    #[schema(minimum = 0)]
    #[param(minimum = 0)]
    offset: Option<i32>,
}

/// Some articles, and how many there are in all.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Articles {
    articles: Vec<Article>,
    /// How many match, not how many are here.
    articles_count: i64,
}

/// An article without its text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Article {
    slug: String,
    title: String,
    description: String,
    /// In the author's order.
    tag_list: Vec<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Whether whoever asks likes it; false for a guest.
    favorited: bool,
    favorites_count: i64,
    author: Profile,
}

impl From<message::Post> for Article {
    fn from(post: message::Post) -> Self {
        let viewer = post.viewer.unwrap_or_default();
        Self {
            slug: post.slug,
            title: post.title,
            description: post.description,
            tag_list: post.tags,
            created_at: post.created_at.into(),
            updated_at: post.updated_at.into(),
            favorited: viewer.liked,
            favorites_count: post.like_count,
            author: Profile::new(post.author, viewer.following_author),
        }
    }
}

//! `/api/articles/{slug}`: one article with its text, writing it, and favouring it.

use axum::{Json, extract::State};
use bff_kit::{ApiError, Path, core::mask};
use http::StatusCode;
use proto::posts::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    articles::Article,
    error::{ConduitResult, Errors},
    input::{Conduit, Fields, Input, Sent},
};
use crate::{core::Core, session::SignedIn, web::Web};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(show, update, delete))
        .routes(routes!(favor, unfavor))
}

/// Write an article.
#[utoipa::path(
    post, path = "/api/articles", operation_id = "createArticle", tag = "conduit",
    security(("token" = [])), request_body = ArticleCreation,
    responses(
        (status = 201, description = "The article", body = ArticleAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn create(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Sent(ArticleCreation { article }): Sent<ArticleCreation>,
) -> ConduitResult<(StatusCode, Json<ArticleAnswer>)> {
    let post = core.write_post(&viewer, article.into()).await?;
    Ok((StatusCode::CREATED, Json(post.into())))
}

/// One article.
#[utoipa::path(
    get, path = "/api/articles/{slug}", operation_id = "getArticle", tag = "conduit",
    security((), ("token" = [])),
    params(("slug" = String, Path, description = "The article's name in addresses")),
    responses(
        (status = 200, description = "The article", body = ArticleAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn show(
    State(core): State<Core>,
    Conduit(viewer): Conduit<Option<SignedIn>>,
    Conduit(Path(slug)): Conduit<Path<String>>,
) -> ConduitResult<Json<ArticleAnswer>> {
    Ok(Json(core.article(viewer.as_deref(), slug).await?.into()))
}

/// Change one's own article; its slug follows the title.
#[utoipa::path(
    put, path = "/api/articles/{slug}", operation_id = "updateArticle", tag = "conduit",
    security(("token" = [])), request_body = ArticleUpdate,
    params(("slug" = String, Path, description = "The article's name in addresses")),
    extensions(("x-problems" = json!(["FORBIDDEN"]))),
    responses(
        (status = 200, description = "The article", body = ArticleAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn update(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(slug)): Conduit<Path<String>>,
    Sent(ArticleUpdate { article }): Sent<ArticleUpdate>,
) -> ConduitResult<Json<ArticleAnswer>> {
    let post = core.change_post(&viewer, article.into_request(slug)).await;
    let post = post.map_err(named_after_the_article)?;
    Ok(Json(post.into()))
}

/// Take one's own article away.
#[utoipa::path(
    delete, path = "/api/articles/{slug}", operation_id = "deleteArticle", tag = "conduit",
    security(("token" = [])),
    params(("slug" = String, Path, description = "The article's name in addresses")),
    extensions(("x-problems" = json!(["FORBIDDEN"]))),
    responses(
        (status = 204, description = "It is gone"),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn delete(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(slug)): Conduit<Path<String>>,
) -> ConduitResult<StatusCode> {
    core.delete_post(&viewer, slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Favour an article; repeating it is harmless.
#[utoipa::path(
    post, path = "/api/articles/{slug}/favorite", operation_id = "favorite", tag = "conduit",
    security(("token" = [])),
    params(("slug" = String, Path, description = "The article's name in addresses")),
    responses(
        (status = 200, description = "The article", body = ArticleAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn favor(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(slug)): Conduit<Path<String>>,
) -> ConduitResult<Json<ArticleAnswer>> {
    Ok(Json(core.like(&viewer, slug).await?.into()))
}

/// Favour an article no longer; repeating it is harmless.
#[utoipa::path(
    delete, path = "/api/articles/{slug}/favorite", operation_id = "unfavorite", tag = "conduit",
    security(("token" = [])),
    params(("slug" = String, Path, description = "The article's name in addresses")),
    responses(
        (status = 200, description = "The article", body = ArticleAnswer),
        (status = "default", description = "Why not", body = Errors),
    )
)]
async fn unfavor(
    State(core): State<Core>,
    Conduit(viewer): Conduit<SignedIn>,
    Conduit(Path(slug)): Conduit<Path<String>>,
) -> ConduitResult<Json<ArticleAnswer>> {
    Ok(Json(core.unlike(&viewer, slug).await?.into()))
}

/// An update of nothing is a mistake in the whole article.
fn named_after_the_article(error: ApiError) -> ApiError {
    error.rename_fields(|field| match field {
        "updateMask" => "article".to_owned(),
        other => other.to_owned(),
    })
}

/// A new article under its key.
#[derive(ToSchema)]
struct ArticleCreation {
    article: NewArticle,
}

/// A new article.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct NewArticle {
    title: String,
    description: String,
    body: String,
    #[schema(nullable = false)]
    tag_list: Option<Vec<String>>,
}

/// Changes to an article under their key.
#[derive(ToSchema)]
struct ArticleUpdate {
    article: ArticlePatch,
}

/// Changes to an article; what is left out stays as it is.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct ArticlePatch {
    #[schema(nullable = false)]
    title: Option<String>,
    #[schema(nullable = false)]
    description: Option<String>,
    #[schema(nullable = false)]
    body: Option<String>,
    /// An empty one takes all tags away.
    #[schema(nullable = false)]
    tag_list: Option<Vec<String>>,
}

impl Input for ArticleCreation {
    const KEY: &'static str = "article";

    fn read(fields: &mut Fields) -> Self {
        let article = NewArticle {
            title: fields.required("title"),
            description: fields.required("description"),
            body: fields.required("body"),
            tag_list: fields.list("tagList"),
        };
        Self { article }
    }
}

impl Input for ArticleUpdate {
    const KEY: &'static str = "article";

    fn read(fields: &mut Fields) -> Self {
        let article = ArticlePatch {
            title: fields.changed("title"),
            description: fields.changed("description"),
            body: fields.changed("body"),
            tag_list: fields.list("tagList"),
        };
        Self { article }
    }
}

impl From<NewArticle> for message::CreatePostRequest {
    fn from(article: NewArticle) -> Self {
        Self {
            title: article.title,
            description: article.description,
            body: article.body,
            tags: article.tag_list.unwrap_or_default(),
            book_id: None,
        }
    }
}

impl ArticlePatch {
    fn into_request(self, slug: String) -> message::UpdatePostRequest {
        let changed = [
            ("title", self.title.is_some()),
            ("description", self.description.is_some()),
            ("body", self.body.is_some()),
            ("tags", self.tag_list.is_some()),
        ];
        let changed: Vec<_> = changed
            .into_iter()
            .filter_map(|(name, is_changed)| is_changed.then_some(name))
            .collect();
        message::UpdatePostRequest {
            slug,
            post: Some(message::CreatePostRequest {
                title: self.title.unwrap_or_default(),
                description: self.description.unwrap_or_default(),
                body: self.body.unwrap_or_default(),
                tags: self.tag_list.unwrap_or_default(),
                book_id: None,
            }),
            update_mask: mask(&changed),
        }
    }
}

/// An article under its key.
#[derive(Serialize, ToSchema)]
struct ArticleAnswer {
    article: WholeArticle,
}

/// An article with its text.
#[derive(Serialize, ToSchema)]
struct WholeArticle {
    #[serde(flatten)]
    article: Article,
    body: String,
}

impl From<message::Post> for ArticleAnswer {
    fn from(mut post: message::Post) -> Self {
        let body = std::mem::take(&mut post.body);
        let article = post.into();
        Self {
            article: WholeArticle { article, body },
        }
    }
}

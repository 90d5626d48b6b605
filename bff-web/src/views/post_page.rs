//! `GET /api/views/posts/{slug}`: the page of one post.
//!
//! Needs the post; can do without its comments, its author's other posts, related posts by anybody, the book that
//! it is about and what the viewer has to do with it. Older comments are `GET /api/views/posts/{slug}/comments`.

use axum::{Json, extract::State};
use bff_kit::{
    ApiResult, Path, Query, Sections, Timestamp, View,
    page::{Cursor, First, Page},
};
use proto::posts::v1 as message;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Author, BookCard, PostState},
    session::SignedIn,
    web::Web,
};

/// How many comments, how many of the author's other posts and how many related posts there are.
const COMMENTS: i32 = 50;
const OTHERS: usize = 5;
const RELATED: usize = 5;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(comments))
}

/// One post.
#[utoipa::path(
    get, path = "/api/views/posts/{slug}", operation_id = "postPage", tag = "screens",
    security((), ("token" = [])),
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 200, description = "The screen", body = View<PostPage>))
)]
async fn show(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    Path(slug): Path<String>,
) -> ApiResult<View<PostPage>> {
    let (post, comments) = tokio::join!(
        core.post(slug.clone()),
        core.page_of_comments(slug, COMMENTS, String::new()),
    );
    let mut sections = Sections::new();
    let post = sections.required("post", post)?;
    let (id, author) = (post.id, post.author.clone().unwrap_or_default());
    let (others, related, book, states) = tokio::join!(
        // One more than there is room for: this post may be among them.
        core.other_posts(author.username, OTHERS as i32 + 1),
        core.posts_tagged(post.tags.first().cloned(), RELATED as i32 + 1),
        core.book_card(post.book_id),
        core.post_states(viewer.as_deref(), vec![id]),
    );

    let page = PostPage {
        post: post.into(),
        comments: sections.cached("comments", comments)?.map(page_of_comments),
        others: sections.cached("others", others)?.map(|posts| {
            let others = posts.into_iter().filter(|post| post.id != id);
            others.take(OTHERS).map(OtherPost::from).collect()
        }),
        related: sections.cached("related", related)?.map(|posts| {
            let related = posts.into_iter().filter(|post| post.id != id);
            related.take(RELATED).map(RelatedPost::from).collect()
        }),
        book: sections.cached("book", book)?.flatten().map(BookCard::from),
        viewer: sections
            .optional("viewer", states)?
            .and_then(|states| states.get(&id).map(PostState::from)),
    };
    Ok(View::new(page, sections))
}

/// Comments on a post, newest first.
#[utoipa::path(
    get, path = "/api/views/posts/{slug}/comments", operation_id = "postComments", tag = "screens",
    params(("slug" = String, Path, description = "The post's name in addresses"), Wanted),
    responses((status = 200, description = "A page of comments", body = Page<PostComment>))
)]
async fn comments(
    State(core): State<Core>,
    Path(slug): Path<String>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<PostComment>>> {
    let (first, after) = (First::or(wanted.first, COMMENTS), Cursor::or_start(wanted.after));
    let found = core.page_of_comments(slug, first, after).await?.part;
    Ok(Json(page_of_comments(found)))
}

fn page_of_comments(found: message::ListCommentsResponse) -> Page<PostComment> {
    Page::new(found.comments, found.next_page_token)
}

/// Which comments.
#[derive(Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// How many at most; 50 where it is not said.
    #[param(inline)]
    first: Option<First>,
    /// `endCursor` of the page before.
    #[param(inline)]
    after: Option<Cursor>,
}

/// The page of a post.
#[derive(Serialize, ToSchema)]
struct PostPage {
    post: Post,
    /// The newest comments.
    comments: Option<Page<PostComment>>,
    /// The newest of what else its author wrote.
    others: Option<Vec<OtherPost>>,
    /// The newest posts with its first tag.
    related: Option<Vec<RelatedPost>>,
    /// The book that it is about; null where it is about none.
    book: Option<BookCard>,
    /// Null for a guest.
    viewer: Option<PostState>,
}

/// A post, with all there is to know of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Post {
    slug: String,
    title: String,
    description: String,
    /// The whole text.
    body: String,
    /// In the author's order.
    tags: Vec<String>,
    author: Author,
    likes: i64,
    comments: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A comment on a post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PostComment {
    id: i64,
    body: String,
    author: Author,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Another post by the same author.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OtherPost {
    slug: String,
    title: String,
    description: String,
    likes: i64,
    comments: i64,
    created_at: Timestamp,
}

/// Another post on the same subject.
#[derive(Serialize, ToSchema)]
struct RelatedPost {
    #[serde(flatten)]
    post: OtherPost,
    author: Author,
}

impl From<message::Post> for Post {
    fn from(post: message::Post) -> Self {
        Self {
            slug: post.slug,
            title: post.title,
            description: post.description,
            body: post.body,
            tags: post.tags,
            author: post.author.into(),
            likes: post.like_count,
            comments: post.comment_count,
            created_at: post.created_at.into(),
            updated_at: post.updated_at.into(),
        }
    }
}

impl From<message::Comment> for PostComment {
    fn from(comment: message::Comment) -> Self {
        Self {
            id: comment.id,
            body: comment.body,
            author: comment.author.into(),
            created_at: comment.created_at.into(),
            updated_at: comment.updated_at.into(),
        }
    }
}

impl From<message::Post> for OtherPost {
    fn from(post: message::Post) -> Self {
        Self {
            slug: post.slug,
            title: post.title,
            description: post.description,
            likes: post.like_count,
            comments: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

impl From<message::Post> for RelatedPost {
    fn from(mut post: message::Post) -> Self {
        Self {
            author: post.author.take().into(),
            post: post.into(),
        }
    }
}

//! `GET /v1/posts/{slug}`: one post to read.
//!
//! Needs the post; can do without its comments, the book that it is about and what the viewer has to do
//! with it. Of a long text it has the first screenful: the rest is `GET /v1/posts/{slug}/body`, and further
//! comments are `GET /v1/posts/{slug}/comments`.

use axum::extract::State;
use bff_kit::{ApiResult, Path, Sections, Timestamp, View, Viewer};
use proto::{books::v1 as books, posts::v1 as message};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Author, Comment, beginning},
};

/// How many comments come with the post, and how much of its text, in characters: what a phone shows below the
/// title and above the fold.
const COMMENTS: i32 = 1;
const SCREENFUL: usize = 320;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// One post.
#[utoipa::path(
    get, path = "/v1/posts/{slug}", operation_id = "postPage", tag = "screens", security((), ("token" = [])),
    params(("slug" = String, Path, description = "The post's name in addresses")),
    responses((status = 200, description = "The screen", body = View<PostPage>))
)]
async fn show(
    State(core): State<Core>,
    viewer: Option<Viewer>,
    Path(slug): Path<String>,
) -> ApiResult<View<PostPage>> {
    let (post, comments) = tokio::join!(
        core.post(slug.clone()),
        core.comments(slug, COMMENTS, String::new())
    );
    let mut sections = Sections::new();
    let post = sections.required("post", post)?;
    let (book, state) = tokio::join!(
        core.book_link(post.book_id),
        core.post_state(viewer.as_ref(), post.id)
    );

    let page = PostPage {
        post: post.into(),
        comments: sections.cached("comments", comments)?.map(Comments::from),
        book: sections.cached("book", book)?.flatten().map(BookLink::from),
        viewer: sections
            .optional("viewer", state)?
            .flatten()
            .map(PostViewer::from),
    };
    Ok(View::new(page, sections))
}

/// The screen of a post.
#[derive(Serialize, ToSchema)]
struct PostPage {
    post: Post,
    #[serde(skip_serializing_if = "Option::is_none")]
    comments: Option<Comments>,
    /// The book that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    book: Option<BookLink>,
    /// Left out for a guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<PostViewer>,
}

/// A post to read. The app knows its slug, having asked by it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Post {
    title: String,
    /// The text, or as much of it as fills a screen.
    body: String,
    /// Whether the text goes on after `body`.
    more: bool,
    tags: Vec<String>,
    author: Author,
    likes: i64,
    comments: i64,
    created_at: Timestamp,
}

/// A book in a line.
#[derive(Serialize, ToSchema)]
struct BookLink {
    id: i64,
    title: String,
    /// The first of its authors; left out where nobody is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
}

/// The newest comments, of long ones the beginning.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Comments {
    items: Vec<Comment>,
    /// Whether there are older ones.
    has_more: bool,
}

/// What the viewer has to do with the post.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PostViewer {
    liked: bool,
    following_author: bool,
}

impl From<message::Post> for Post {
    fn from(post: message::Post) -> Self {
        let body = beginning(&post.body, SCREENFUL);
        Self {
            title: post.title,
            body: body.text,
            more: body.more,
            tags: post.tags,
            author: post.author.into(),
            likes: post.like_count,
            comments: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

impl From<books::Book> for BookLink {
    fn from(book: books::Book) -> Self {
        Self {
            id: book.id,
            title: book.title,
            author: book.authors.into_iter().next(),
        }
    }
}

impl From<message::ListCommentsResponse> for Comments {
    fn from(found: message::ListCommentsResponse) -> Self {
        Self {
            items: found.comments.into_iter().map(Comment::shortened).collect(),
            has_more: !found.next_page_token.is_empty(),
        }
    }
}

impl From<message::PostViewerState> for PostViewer {
    fn from(state: message::PostViewerState) -> Self {
        Self {
            liked: state.liked,
            following_author: state.following_author,
        }
    }
}

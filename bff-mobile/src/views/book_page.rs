//! `GET /v1/books/{id}`: one book.
//!
//! Needs the book; can do without its reviews and without what the viewer has to do with it.

use axum::extract::State;
use bff_kit::{ApiResult, Path, Rendered, Sections, View, Viewer};
use proto::{books::v1 as message, posts::v1 as posts};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Picture, cards, cover, excerpt, rating},
};

/// How many reviews come with the book.
const REVIEWS: i32 = 3;

pub(super) fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(show))
}

/// One book.
#[utoipa::path(
    get, path = "/v1/books/{id}", operation_id = "bookPage", tag = "screens", security((), ("token" = [])),
    params(("id" = i64, Path, description = "The book's number")),
    responses((status = 200, description = "The screen", body = View<BookPage>))
)]
async fn show(
    State(core): State<Core>,
    viewer: Option<Viewer>,
    Path(id): Path<i64>,
) -> ApiResult<View<BookPage>> {
    let (book, reviews, state) = tokio::join!(
        core.book(id, |book| Rendered::of(&Book::from(book))),
        core.reviews(id, REVIEWS, |found| Rendered::of(&cards(found.posts))),
        core.book_state(viewer.as_ref(), id),
    );

    let mut sections = Sections::new();
    let page = BookPage {
        book: sections.required("book", book)?,
        reviews: sections.cached("reviews", reviews)?,
        viewer: sections
            .optional("viewer", state)?
            .flatten()
            .map(BookViewer::from),
    };
    Ok(View::new(page, sections))
}

/// The screen of a book.
#[derive(Serialize, ToSchema)]
struct BookPage {
    #[schema(value_type = Book)]
    book: Rendered<Book>,
    /// The newest posts about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Review>>)]
    reviews: Option<Rendered<Vec<Review>>>,
    /// Left out for a guest.
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<BookViewer>,
}

/// A book, as much of it as fits a phone. The app knows its number, having asked by it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Book {
    title: String,
    authors: Vec<String>,
    /// Negative before the common era.
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<i32>,
    /// The beginning of what it is about, at most 140 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The cover in every size that there is, the smallest first; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cover: Vec<Picture>,
    price_cents: i64,
    currency: String,
    in_stock: bool,
    /// Stars, 0 to 5; left out where nobody has rated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
}

/// A post about the book.
#[derive(Serialize, ToSchema)]
struct Review {
    slug: String,
    title: String,
    /// The beginning of what it says, at most 140 characters.
    excerpt: String,
    /// Name of whoever wrote it.
    author: String,
}

/// What the viewer has to do with the book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BookViewer {
    /// Slug of the viewer's own review.
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<String>,
    /// Whether the viewer has paid for a copy.
    bought: bool,
}

impl From<message::Book> for Book {
    fn from(book: message::Book) -> Self {
        Self {
            rating: rating(&book),
            title: book.title,
            authors: book.authors,
            year: book.published_year,
            about: book.description.as_deref().map(excerpt),
            cover: cover(book.cover_url.as_deref()),
            price_cents: book.price_cents,
            currency: book.currency,
            in_stock: book.stock > 0,
        }
    }
}

impl From<posts::Post> for Review {
    fn from(post: posts::Post) -> Self {
        Self {
            slug: post.slug,
            title: post.title,
            excerpt: excerpt(&post.description),
            author: post.author.unwrap_or_default().username,
        }
    }
}

impl From<message::BookViewerState> for BookViewer {
    fn from(state: message::BookViewerState) -> Self {
        Self {
            review: state.review_slug,
            bought: state.bought,
        }
    }
}

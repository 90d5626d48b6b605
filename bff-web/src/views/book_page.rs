//! `GET /api/views/books/{id}`: the page of one book.
//!
//! Needs the book; can do without its reviews, other popular books and what the viewer has to do with it.

use axum::extract::State;
use bff_kit::{ApiResult, Path, Sections, Timestamp, View};
use proto::{books::v1 as message, posts::v1 as posts};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    core::Core,
    parts::{Author, BookCard, cards, rating},
    session::SignedIn,
    web::Web,
};

/// How many reviews and how many other books there are.
const REVIEWS: i32 = 20;
const MORE: usize = 6;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

/// One book.
#[utoipa::path(
    get, path = "/api/views/books/{id}", operation_id = "bookPage", tag = "screens",
    security((), ("token" = [])),
    params(("id" = i64, Path, description = "The book's number")),
    responses((status = 200, description = "The screen", body = View<BookPage>))
)]
async fn show(
    State(core): State<Core>,
    viewer: Option<SignedIn>,
    Path(id): Path<i64>,
) -> ApiResult<View<BookPage>> {
    let (book, reviews, more, state) = tokio::join!(
        core.book(id),
        core.reviews(id, REVIEWS),
        // One more than there is room for: this book may be among them.
        core.popular_books(MORE as i32 + 1),
        core.book_state(viewer.as_deref(), id),
    );

    let mut sections = Sections::new();
    let page = BookPage {
        book: book?.into(),
        reviews: sections.optional("reviews", reviews)?.map(Reviews::from),
        more: sections.optional("more", more)?.map(|books| {
            let others = books.into_iter().filter(|book| book.id != id);
            others.take(MORE).map(BookCard::from).collect()
        }),
        viewer: sections
            .optional("viewer", state)?
            .flatten()
            .map(ViewerState::from),
    };
    Ok(View::new(page, sections))
}

/// The page of a book.
#[derive(Serialize, ToSchema)]
struct BookPage {
    book: Book,
    reviews: Option<Reviews>,
    /// Other books that many have rated.
    more: Option<Vec<BookCard>>,
    /// Null for a guest.
    viewer: Option<ViewerState>,
}

/// A book, with all there is to know of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Book {
    id: i64,
    isbn13: Option<String>,
    title: String,
    authors: Vec<String>,
    /// Of first publication; negative before the common era.
    published_year: Option<i32>,
    /// A language tag such as `en`.
    language: Option<String>,
    description: Option<String>,
    cover_url: Option<String>,
    price_cents: i64,
    currency: String,
    /// Copies that can be sold.
    stock: i32,
    /// Stars, 0 to 5; null where nobody has rated it.
    rating: Option<f64>,
    ratings_count: i64,
}

/// The newest posts about the book.
#[derive(Serialize, ToSchema)]
struct Reviews {
    items: Vec<Review>,
    /// How many there are, of which these are the newest.
    total: i64,
}

/// A post about the book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Review {
    slug: String,
    title: String,
    description: String,
    /// The whole text.
    body: String,
    author: Author,
    likes: i64,
    comments: i64,
    created_at: Timestamp,
}

/// What the viewer has to do with the book.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ViewerState {
    /// Slug of the viewer's own newest review.
    review: Option<String>,
    /// Whether the viewer has paid for a copy.
    bought: bool,
}

impl From<message::Book> for Book {
    fn from(book: message::Book) -> Self {
        Self {
            id: book.id,
            rating: rating(&book),
            isbn13: book.isbn13,
            title: book.title,
            authors: book.authors,
            published_year: book.published_year,
            language: book.language,
            description: book.description,
            cover_url: book.cover_url,
            price_cents: book.price_cents,
            currency: book.currency,
            stock: book.stock,
            ratings_count: book.ratings_count,
        }
    }
}

impl From<posts::ListPostsResponse> for Reviews {
    fn from(found: posts::ListPostsResponse) -> Self {
        Self {
            total: found.total_size.unwrap_or_default(),
            items: cards(found.posts),
        }
    }
}

impl From<posts::Post> for Review {
    fn from(post: posts::Post) -> Self {
        Self {
            slug: post.slug,
            title: post.title,
            description: post.description,
            body: post.body,
            author: post.author.into(),
            likes: post.like_count,
            comments: post.comment_count,
            created_at: post.created_at.into(),
        }
    }
}

impl From<message::BookViewerState> for ViewerState {
    fn from(state: message::BookViewerState) -> Self {
        Self {
            review: state.review_slug,
            bought: state.bought,
        }
    }
}

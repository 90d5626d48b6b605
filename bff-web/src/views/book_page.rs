//! `GET /api/views/books/{id}`: the page of one book.
//!
//! Needs the book; can do without its reviews, other popular books, what the viewer has to do with it, and
//! what a library of others knows of it, where the settings name one.

use axum::extract::State;
use bff_kit::{Aged, ApiResult, Path, Rendered, Sections, Timestamp, View};
use proto::{books::v1 as message, posts::v1 as posts};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    library::{self, Facts},
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
    State(web): State<Web>,
    viewer: Option<SignedIn>,
    Path(id): Path<i64>,
) -> ApiResult<View<BookPage>> {
    let core = &web.core;
    let (book, reviews, more, state) = tokio::join!(
        book_with_facts(&web, id),
        core.reviews(id, REVIEWS, |found| Rendered::of(&Reviews::from(found))),
        // One more than there is room for: this book may be among them.
        core.popular_books(MORE as i32 + 1, cards_by_number),
        core.book_state(viewer.as_deref(), id),
    );

    let (book, facts) = book?;
    let mut sections = Sections::new();
    let page = BookPage {
        book: sections.required("book", Ok(book))?,
        reviews: sections.cached("reviews", reviews)?,
        more: sections.cached("more", more)?.map(|books| {
            let others = books.into_iter().filter(|(number, _)| *number != id);
            others.take(MORE).map(|(_, card)| card).collect()
        }),
        viewer: sections
            .optional("viewer", state)?
            .flatten()
            .map(ViewerState::from),
        library: match facts {
            Some(facts) => Some(sections.cached("library", facts)?.map(Library::from)),
            None => None,
        },
    };
    Ok(View::new(page, sections))
}

/// The book, and what the library knows of it, where there is one: it is asked by the ISBN, which only the
/// book has.
async fn book_with_facts(
    web: &Web,
    id: i64,
) -> ApiResult<(Aged<Rendered<Book>>, Option<ApiResult<Aged<Facts>>>)> {
    let book = web
        .core
        .book(id, |book| (book.isbn13.clone(), Rendered::of(&Book::from(book))));
    let Aged {
        part: (isbn13, book),
        stale,
    } = book.await?;
    let facts = match &web.library {
        Some(library) => Some(library.about(isbn13.as_deref()).await),
        None => None,
    };
    Ok((Aged { part: book, stale }, facts))
}

/// Cards of books, each with the number of its book.
fn cards_by_number(found: message::ListBooksResponse) -> Vec<(i64, Rendered<BookCard>)> {
    let card = |book: message::Book| (book.id, Rendered::of(&BookCard::from(book)));
    found.books.into_iter().map(card).collect()
}

/// The page of a book.
#[derive(Serialize, ToSchema)]
struct BookPage {
    #[schema(value_type = Book)]
    book: Rendered<Book>,
    #[schema(value_type = Option<Reviews>)]
    reviews: Option<Rendered<Reviews>>,
    /// Other books that many have rated.
    #[schema(value_type = Option<Vec<BookCard>>)]
    more: Option<Vec<Rendered<BookCard>>>,
    /// Null for a guest.
    viewer: Option<ViewerState>,
    /// What a library of others knows of the book; not there where this gateway asks none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    library: Option<Option<Library>>,
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

/// What a library of others knows of the book. All texts are plain: show them as they are.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Library {
    cover: Option<Cover>,
    description: Option<String>,
    excerpt: Option<String>,
    subjects: Vec<String>,
    /// Stars that its own readers gave, 0 to 5.
    rating: Option<f64>,
    ratings_count: i64,
}

/// Addresses of a picture.
#[derive(Serialize, ToSchema)]
struct Cover {
    small: Option<String>,
    medium: Option<String>,
    large: Option<String>,
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

impl From<Facts> for Library {
    fn from(facts: Facts) -> Self {
        Self {
            cover: facts.cover.map(Cover::from),
            description: facts.description,
            excerpt: facts.excerpt,
            subjects: facts.subjects,
            rating: facts.rating.map(|rating| rating.average),
            ratings_count: facts.rating.map_or(0, |rating| rating.count),
        }
    }
}

impl From<library::Cover> for Cover {
    fn from(cover: library::Cover) -> Self {
        Self {
            small: cover.small,
            medium: cover.medium,
            large: cover.large,
        }
    }
}

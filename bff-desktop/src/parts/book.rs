//! A book, as the staff keep it.

use bff_kit::Timestamp;
use proto::books::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// A book with everything that there is to know.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Book {
    pub(crate) id: i64,
    isbn13: Option<String>,
    title: String,
    authors: Vec<String>,
    /// Negative before the common era.
    published_year: Option<i32>,
    language: Option<String>,
    description: Option<String>,
    cover_url: Option<String>,
    price_cents: i64,
    currency: String,
    /// Copies that can be sold.
    stock: i32,
    /// Mean of the ratings in hundredths of a star; 0 where there are none.
    rating_hundredths: i32,
    ratings_count: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<message::Book> for Book {
    fn from(book: message::Book) -> Self {
        Self {
            id: book.id,
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
            rating_hundredths: book.rating_hundredths,
            ratings_count: book.ratings_count,
            created_at: book.created_at.into(),
            updated_at: book.updated_at.into(),
        }
    }
}

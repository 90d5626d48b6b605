//! A book in a table.

use bff_kit::Timestamp;
use proto::books::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// A book in a table.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BookRow {
    id: i64,
    isbn13: Option<String>,
    title: String,
    authors: Vec<String>,
    price_cents: i64,
    currency: String,
    /// Copies that can be sold.
    stock: i32,
    /// Mean of the ratings in hundredths of a star; 0 where there are none.
    rating_hundredths: i32,
    ratings_count: i64,
    updated_at: Timestamp,
}

impl From<message::Book> for BookRow {
    fn from(book: message::Book) -> Self {
        Self {
            id: book.id,
            isbn13: book.isbn13,
            title: book.title,
            authors: book.authors,
            price_cents: book.price_cents,
            currency: book.currency,
            stock: book.stock,
            rating_hundredths: book.rating_hundredths,
            ratings_count: book.ratings_count,
            updated_at: book.updated_at.into(),
        }
    }
}

//! A book in a row of books.

use proto::books::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// A book in a row of books.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BookCard {
    id: i64,
    title: String,
    authors: Vec<String>,
    /// Of first publication; negative before the common era.
    published_year: Option<i32>,
    cover_url: Option<String>,
    price_cents: i64,
    currency: String,
    in_stock: bool,
    /// Stars, 0 to 5; null where nobody has rated it.
    rating: Option<f64>,
    ratings_count: i64,
}

impl From<message::Book> for BookCard {
    fn from(book: message::Book) -> Self {
        Self {
            id: book.id,
            rating: rating(&book),
            title: book.title,
            authors: book.authors,
            published_year: book.published_year,
            cover_url: book.cover_url,
            price_cents: book.price_cents,
            currency: book.currency,
            in_stock: book.stock > 0,
            ratings_count: book.ratings_count,
        }
    }
}

/// Stars, 0 to 5; nothing where nobody has rated it.
pub(crate) fn rating(book: &message::Book) -> Option<f64> {
    (book.ratings_count > 0).then(|| f64::from(book.rating_hundredths) / 100.0)
}

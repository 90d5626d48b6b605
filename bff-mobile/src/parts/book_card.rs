//! A book in a list.

use proto::books::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Picture, small_cover};

/// A book in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BookCard {
    id: i64,
    title: String,
    /// The first of its authors; left out where nobody is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    /// The cover in its smallest size; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cover: Vec<Picture>,
    price_cents: i64,
    currency: String,
    /// Stars, 0 to 5; left out where nobody has rated it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<f64>,
}

impl From<message::Book> for BookCard {
    fn from(book: message::Book) -> Self {
        Self {
            id: book.id,
            rating: rating(&book),
            title: book.title,
            author: book.authors.into_iter().next(),
            cover: small_cover(book.cover_url.as_deref()),
            price_cents: book.price_cents,
            currency: book.currency,
        }
    }
}

/// Stars, 0 to 5; nothing where nobody has rated it.
pub(crate) fn rating(book: &message::Book) -> Option<f64> {
    (book.ratings_count > 0).then(|| f64::from(book.rating_hundredths) / 100.0)
}

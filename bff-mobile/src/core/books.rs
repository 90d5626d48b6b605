//! Books.

use bff_kit::{Aged, ApiResult, Viewer, core::mask};
use proto::books::v1::*;

use super::Core;

/// What a card of a book shows.
pub(super) const BOOK_CARD: [&str; 8] = [
    "id",
    "title",
    "authors",
    "cover_url",
    "price_cents",
    "currency",
    "rating_hundredths",
    "ratings_count",
];
/// What the screen of a book shows.
const BOOK: [&str; 10] = [
    "title",
    "authors",
    "published_year",
    "description",
    "cover_url",
    "price_cents",
    "currency",
    "stock",
    "rating_hundredths",
    "ratings_count",
];

impl Core {
    /// A page of books, most rated first, those that match the words `query` where there are any.
    pub(crate) async fn books(
        &self,
        query: String,
        first: i32,
        after: String,
    ) -> ApiResult<Aged<ListBooksResponse>> {
        let request = ListBooksRequest {
            query,
            order: BookOrder::Popular.into(),
            page_size: first,
            page_token: after,
            read_mask: mask(&BOOK_CARD),
        };
        self.channel.read(request).await
    }

    /// One book, as what `make` makes of it.
    pub(crate) async fn book<P: Clone + Send + Sync + 'static>(
        &self,
        id: i64,
        make: fn(Book) -> P,
    ) -> ApiResult<Aged<P>> {
        let request = GetBookRequest {
            id,
            read_mask: mask(&BOOK),
        };
        self.channel.prepare(request, make).await
    }

    /// What a book is called; nothing where there is no number.
    pub(crate) async fn book_link(&self, id: Option<i64>) -> ApiResult<Aged<Option<Book>>> {
        let Some(id) = id else { return Ok(None.into()) };
        let request = GetBookRequest {
            id,
            read_mask: mask(&["id", "title", "authors"]),
        };
        Ok(self.channel.read(request).await?.map(Some))
    }

    /// What the viewer has to do with a book; nothing for a guest.
    pub(crate) async fn book_state(
        &self,
        viewer: Option<&Viewer>,
        book_id: i64,
    ) -> ApiResult<Option<BookViewerState>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let request = BatchGetBookViewerStatesRequest {
            book_ids: vec![book_id],
        };
        Ok(self.channel.read_as(viewer, request).await?.states.pop())
    }
}

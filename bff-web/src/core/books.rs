//! Books.

use std::collections::HashSet;

use bff_kit::{Aged, ApiResult, Viewer, core::mask};
use proto::books::v1::*;

use super::{AT_MOST, Core};

/// What a card of a book shows.
const BOOK_CARD: [&str; 10] = [
    "id",
    "title",
    "authors",
    "published_year",
    "cover_url",
    "price_cents",
    "currency",
    "stock",
    "rating_hundredths",
    "ratings_count",
];
/// What the screen of a book shows.
const BOOK: [&str; 13] = [
    "id",
    "isbn13",
    "title",
    "authors",
    "published_year",
    "language",
    "description",
    "cover_url",
    "price_cents",
    "currency",
    "stock",
    "rating_hundredths",
    "ratings_count",
];

impl Core {
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

    /// A page of books in this order, those that match the words `query` where there are any.
    pub(crate) async fn books(
        &self,
        query: String,
        order: BookOrder,
        first: i32,
        after: String,
    ) -> ApiResult<Aged<ListBooksResponse>> {
        let request = ListBooksRequest {
            query,
            order: order.into(),
            page_size: first,
            page_token: after,
            read_mask: mask(&BOOK_CARD),
        };
        self.channel.read(request).await
    }

    /// The card of a book; nothing where there is no number.
    pub(crate) async fn book_card(&self, id: Option<i64>) -> ApiResult<Aged<Option<Book>>> {
        let Some(id) = id else { return Ok(None.into()) };
        let request = GetBookRequest {
            id,
            read_mask: mask(&BOOK_CARD),
        };
        Ok(self.channel.read(request).await?.map(Some))
    }

    /// The most rated books, as what `make` makes of them.
    pub(crate) async fn popular_books<P: Clone + Send + Sync + 'static>(
        &self,
        most: i32,
        make: fn(ListBooksResponse) -> P,
    ) -> ApiResult<Aged<P>> {
        let request = ListBooksRequest {
            order: BookOrder::Popular.into(),
            page_size: most,
            read_mask: mask(&BOOK_CARD),
            ..Default::default()
        };
        self.channel.prepare(request, make).await
    }

    /// The cards of those of these books that there are, of the first hundred.
    pub(crate) async fn book_cards(&self, mut ids: Vec<i64>) -> ApiResult<Aged<Vec<Book>>> {
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
        ids.truncate(AT_MOST);
        if ids.is_empty() {
            return Ok(Vec::new().into());
        }
        let request = BatchGetBooksRequest {
            ids,
            read_mask: mask(&BOOK_CARD),
        };
        Ok(self.channel.read(request).await?.map(|found| found.books))
    }

    /// What the viewer has to do with each of these books, of which there may be up to 100; nothing for a guest.
    pub(crate) async fn book_states(
        &self,
        viewer: Option<&Viewer>,
        book_ids: Vec<i64>,
    ) -> ApiResult<Option<Vec<BookViewerState>>> {
        let Some(viewer) = viewer else { return Ok(None) };
        let request = BatchGetBookViewerStatesRequest { book_ids };
        Ok(Some(self.channel.read_as(viewer, request).await?.states))
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

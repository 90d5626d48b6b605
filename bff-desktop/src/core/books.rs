//! The catalogue, book by book and in whole files.

use bff_kit::{ApiResult, Viewer, core::mask};
use futures_util::Stream;
use proto::books::v1::{book_service_client::BookServiceClient as Books, *};
use tonic::Streaming;

use super::Core;

/// What a row of a book shows.
pub(super) const BOOK_ROW: [&str; 10] = [
    "id",
    "isbn13",
    "title",
    "authors",
    "price_cents",
    "currency",
    "stock",
    "rating_hundredths",
    "ratings_count",
    "updated_at",
];

/// What a book shows by itself.
const BOOK: [&str; 15] = [
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
    "created_at",
    "updated_at",
];

impl Core {
    /// A page of books in this order, those that match the words `query` where there are any.
    pub(crate) async fn books(
        &self,
        viewer: &Viewer,
        query: String,
        order: BookOrder,
        first: i32,
        after: String,
    ) -> ApiResult<ListBooksResponse> {
        let request = ListBooksRequest {
            query,
            order: order.into(),
            page_size: first,
            page_token: after,
            read_mask: mask(&BOOK_ROW),
        };
        self.channel.read_as(viewer, request).await
    }

    /// One book, with everything that there is to know.
    pub(crate) async fn book(&self, viewer: &Viewer, id: i64) -> ApiResult<Book> {
        let request = GetBookRequest {
            id,
            read_mask: mask(&BOOK),
        };
        self.channel.read_as(viewer, request).await
    }

    /// Adds a book.
    pub(crate) async fn create_book(&self, viewer: &Viewer, book: CreateBookRequest) -> ApiResult<Book> {
        self.channel.write_as(viewer, book).await
    }

    /// Gives these fields of a book the values that they have in `book`.
    pub(crate) async fn update_book(
        &self,
        viewer: &Viewer,
        id: i64,
        book: CreateBookRequest,
        fields: &[&'static str],
    ) -> ApiResult<Book> {
        let request = UpdateBookRequest {
            id,
            book: Some(book),
            update_mask: mask(fields),
        };
        self.channel.write_as(viewer, request).await
    }

    /// Takes the books of a file that comes in `parts`. Only the beginning of the answer has to come in time.
    pub(crate) async fn import_books(
        &self,
        viewer: &Viewer,
        parts: impl Stream<Item = ImportBooksRequest> + Send + 'static,
    ) -> ApiResult<Streaming<ImportBooksResponse>> {
        let method = async |c, r| Books::new(c).import_books(r).await;
        let told = self.channel.stream_as(viewer, parts, method).await?;
        self.has_imported();
        Ok(told)
    }

    /// Notes that an import has written something, so that whoever has sent it sees it from then on.
    pub(crate) fn has_imported(&self) {
        self.channel.has_written();
    }

    /// All books after the one of this number, as a file. Only its beginning has to come in time.
    pub(crate) async fn export_books(
        &self,
        viewer: &Viewer,
        format: BookFileFormat,
        after_id: i64,
    ) -> ApiResult<Streaming<ExportBooksResponse>> {
        let request = ExportBooksRequest {
            format: format.into(),
            after_id,
        };
        let method = async |c, r| Books::new(c).export_books(r).await;
        self.channel.stream_as(viewer, request, method).await
    }

    /// Takes a book out of the catalogue.
    pub(crate) async fn delete_book(&self, viewer: &Viewer, id: i64) -> ApiResult<()> {
        let request = DeleteBookRequest { id };
        self.channel.write_as(viewer, request).await
    }
}

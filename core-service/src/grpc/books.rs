//! `triptych.books.v1.BookService`.

use proto::books::v1 as contract;
use proto::books::v1::book_service_server::BookService;
use proto::books::v1::{
    BatchGetBookViewerStatesRequest, BatchGetBookViewerStatesResponse, BatchGetBooksRequest,
    BatchGetBooksResponse, Book, BookViewerState, CreateBookRequest, DeleteBookRequest, ExportBooksRequest,
    ExportBooksResponse, GetBookRequest, ImportBooksRequest, ImportBooksResponse, ListBooksRequest,
    ListBooksResponse, UpdateBookRequest,
};
use tonic::{Request, Response, Status, Streaming};

use super::access::Allowed;
use super::book_streams::{self, Answers};
use super::convert::{paths, wanted};
use super::write::Write;
use crate::error::Error;
use crate::models::fields::Fields;
use crate::services::Services;
use crate::services::books::{self, BookOrder, BookPlace};
use crate::validators::books::{BookChanges, NewBook, RawBook, search};
use crate::validators::{batch, page};

/// The catalogue.
pub(super) struct BookController(pub(super) Services);

#[tonic::async_trait]
impl BookService for BookController {
    async fn get_book(&self, request: Request<GetBookRequest>) -> Result<Response<Book>, Status> {
        let GetBookRequest { id, read_mask } = request.into_inner();
        let book = self.0.books.get(id, wanted(read_mask, Fields::all())?).await?;
        Ok(Response::new(book.into()))
    }

    async fn batch_get_books(
        &self,
        request: Request<BatchGetBooksRequest>,
    ) -> Result<Response<BatchGetBooksResponse>, Status> {
        let BatchGetBooksRequest { ids, read_mask } = request.into_inner();
        let books = self
            .0
            .books
            .batch_get(batch("ids", ids)?, wanted(read_mask, Fields::all())?)
            .await?;
        Ok(Response::new(BatchGetBooksResponse {
            books: books.into_iter().map(Book::from).collect(),
        }))
    }

    async fn list_books(
        &self,
        request: Request<ListBooksRequest>,
    ) -> Result<Response<ListBooksResponse>, Status> {
        let request = request.into_inner();
        let order = match request.order() {
            contract::BookOrder::Unspecified | contract::BookOrder::Popular => BookOrder::Popular,
            contract::BookOrder::Newest => BookOrder::Newest,
            contract::BookOrder::Stock => BookOrder::Stock,
        };
        let search = search(request.query)?;
        let question = format!("books {order:?} {search:?}");
        let size = page::size(request.page_size)?;
        let after = page::place(&request.page_token, &question)?;
        let after = after.map(|[sort_key, id]| BookPlace { sort_key, id });
        let wanted = wanted(request.read_mask, Fields::all())?;

        let mut books = self
            .0
            .books
            .list(search.as_deref(), order, size, after, wanted)
            .await?;
        let more = page::cut(&mut books, size);
        let last = books.last().filter(|_| more);
        let next = last.map(|book| page::token([book.sort_key.unwrap_or_default(), book.id], &question));
        Ok(Response::new(ListBooksResponse {
            books: books.into_iter().map(Book::from).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn create_book(&self, request: Request<CreateBookRequest>) -> Result<Response<Book>, Status> {
        let (call, message) = Write::of(&self.0, request)?;
        let book = NewBook::parse(raw(message))?;
        call.run(|tx| async move { Ok(books::create(&tx, book).await?.into()) })
            .await
    }

    async fn update_book(&self, request: Request<UpdateBookRequest>) -> Result<Response<Book>, Status> {
        let (call, message) = Write::of(&self.0, request)?;
        let UpdateBookRequest {
            id,
            book,
            update_mask,
        } = message;
        let book = book.ok_or(Error::invalid("book", "is missing"))?;
        let changes = BookChanges::parse(raw(book), &paths(update_mask))?;
        call.run(move |tx| async move { Ok(books::update(&tx, id, changes).await?.into()) })
            .await
    }

    async fn delete_book(&self, request: Request<DeleteBookRequest>) -> Result<Response<()>, Status> {
        let (call, DeleteBookRequest { id }) = Write::of(&self.0, request)?;
        call.run(move |tx| async move { books::delete(&tx, id).await })
            .await
    }

    type ImportBooksStream = Answers<ImportBooksResponse>;

    async fn import_books(
        &self,
        request: Request<Streaming<ImportBooksRequest>>,
    ) -> Result<Response<Self::ImportBooksStream>, Status> {
        book_streams::import(&self.0, request.into_inner()).await
    }

    type ExportBooksStream = Answers<ExportBooksResponse>;

    async fn export_books(
        &self,
        request: Request<ExportBooksRequest>,
    ) -> Result<Response<Self::ExportBooksStream>, Status> {
        book_streams::export(&self.0, request.into_inner())
    }

    async fn batch_get_book_viewer_states(
        &self,
        request: Request<BatchGetBookViewerStatesRequest>,
    ) -> Result<Response<BatchGetBookViewerStatesResponse>, Status> {
        let caller = Allowed::of(&request)?.caller()?;
        let ids = batch("book_ids", request.into_inner().book_ids)?;
        let states = self.0.books.viewer_states(caller, &ids).await?.into_iter();
        let states = states.map(BookViewerState::from);
        Ok(Response::new(BatchGetBookViewerStatesResponse {
            states: states.collect(),
        }))
    }
}

fn raw(book: CreateBookRequest) -> RawBook {
    RawBook {
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
    }
}

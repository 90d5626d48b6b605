//! What this gateway asks of the core, always for somebody of the staff. Each call names the fields that
//! its screens show, and no others.

mod changes;
mod orders;
mod posts;

use bff_kit::{
    ApiResult, CoreChannel, Viewer,
    core::mask,
    events::{Following, Listener},
};
use futures_util::Stream;
use proto::{
    books::v1::{book_service_client::BookServiceClient as Books, *},
    users::v1::*,
};
use tonic::Streaming;

/// What a row of a book shows.
const BOOK_ROW: [&str; 10] = [
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

/// The core, as this gateway sees it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: CoreChannel,
}

impl Core {
    pub(crate) fn new(channel: CoreChannel) -> Self {
        Self { channel }
    }

    /// Follows what is written and `viewer` may see.
    pub(crate) async fn changes(&self, viewer: &Viewer, listener: Listener) -> ApiResult<Following> {
        listener.follow(&self.channel, Some(viewer)).await
    }

    /// Signs in on this computer.
    pub(crate) async fn sign_in(
        &self,
        email: String,
        password: String,
        device: String,
        known_device: String,
    ) -> ApiResult<CreateSessionResponse> {
        let request = CreateSessionRequest {
            email,
            password,
            device,
            known_device,
        };
        self.channel.write(request).await
    }

    /// Begins a sign-in with the OpenID provider.
    pub(crate) async fn begin_oidc(
        &self,
        redirect_uri: String,
        code_challenge: String,
    ) -> ApiResult<BeginFederatedSessionResponse> {
        let request = BeginFederatedSessionRequest {
            redirect_uri,
            code_challenge,
        };
        self.channel.write(request).await
    }

    /// Completes a sign-in with what the OpenID provider sent back.
    pub(crate) async fn complete_oidc(
        &self,
        request: CompleteFederatedSessionRequest,
    ) -> ApiResult<CreateSessionResponse> {
        self.channel.write(request).await
    }

    /// How one can sign in.
    pub(crate) async fn sign_in_methods(&self) -> ApiResult<SignInMethods> {
        let request = GetSignInMethodsRequest {};
        Ok(self.channel.read(request).await?.part)
    }

    /// Ends the viewer's session.
    pub(crate) async fn sign_out(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = DeleteSessionRequest {};
        self.channel.write_as(viewer, request).await
    }

    /// Gives the next pass for the refresh token of the last one.
    pub(crate) async fn refresh(&self, refresh_token: String) -> ApiResult<Pass> {
        let request = RefreshSessionRequest { refresh_token };
        self.channel.write(request).await
    }

    /// Where the viewer is signed in.
    pub(crate) async fn sessions(&self, viewer: &Viewer) -> ApiResult<ListSessionsResponse> {
        let request = ListSessionsRequest {};
        self.channel.read_as(viewer, request).await
    }

    /// Ends one of the viewer's sessions.
    pub(crate) async fn revoke_session(&self, viewer: &Viewer, id: i64) -> ApiResult<()> {
        let request = RevokeSessionRequest { id };
        self.channel.write_as(viewer, request).await
    }

    /// Ends all of the viewer's sessions but this one.
    pub(crate) async fn revoke_other_sessions(&self, viewer: &Viewer) -> ApiResult<()> {
        let request = RevokeOtherSessionsRequest {};
        self.channel.write_as(viewer, request).await
    }

    /// The viewer's account.
    pub(crate) async fn account(&self, viewer: &Viewer) -> ApiResult<Account> {
        let request = GetAccountRequest {};
        self.channel.read_as(viewer, request).await
    }

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

//! The methods of the contract, each as a type that tests name it by.

use bytes::Bytes;
use proto::{
    books::v1::{book_service_server::BookService, *},
    orders::v1::{order_service_server::OrderService, *},
    posts::v1::{moderation_service_server::ModerationService, post_service_server::PostService, *},
    users::v1::{session_service_server::SessionService, user_service_server::UserService, *},
};
use tonic::{Request, Response, Status, Streaming, async_trait};

use super::{
    Memory, Rpc,
    batch::BatchedCall,
    streams::{Answers, all_at_once},
};

/// Makes a type of each method, and answers it from memory; what comes after `@` stands as it is written.
macro_rules! service {
    ($service:ident, $in_batches:ident: $($function:ident $method:ident($request:ty) -> $answer:ty;)* $(@ { $($more:tt)* })?) => {
        $(
            #[doc = concat!("`", stringify!($service), "/", stringify!($method), "`.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $method;

            impl Rpc for $method {
                type Request = $request;
                type Answer = $answer;
            }
        )*

        #[async_trait]
        impl $service for Memory {
            $(
                async fn $function(&self, request: Request<$request>) -> Result<Response<$answer>, Status> {
                    self.answer::<$method>(request).await
                }
            )*
            $($($more)*)?
        }

        /// Answers a call that came in a batch, if it is for this service.
        pub(super) async fn $in_batches(memory: &Memory, call: &BatchedCall) -> Option<Result<Bytes, Status>> {
            $(if call.method == <$request as proto::Rpc>::METHOD {
                return Some(memory.answer_in_batch::<$method, $request>(call).await);
            })*
            None
        }
    };
}

service! { BookService, books:
    get_book GetBook(GetBookRequest) -> Book;
    batch_get_books BatchGetBooks(BatchGetBooksRequest) -> BatchGetBooksResponse;
    list_books ListBooks(ListBooksRequest) -> ListBooksResponse;
    create_book CreateBook(CreateBookRequest) -> Book;
    update_book UpdateBook(UpdateBookRequest) -> Book;
    delete_book DeleteBook(DeleteBookRequest) -> ();
    batch_get_book_viewer_states BatchGetBookViewerStates(BatchGetBookViewerStatesRequest)
        -> BatchGetBookViewerStatesResponse;
    @ {
        type ImportBooksStream = Answers<ImportBooksResponse>;

        async fn import_books(
            &self,
            request: Request<Streaming<ImportBooksRequest>>,
        ) -> Result<Response<Self::ImportBooksStream>, Status> {
            let request = all_at_once(request).await;
            Ok(self.answer::<ImportBooks>(request).await?.map(Answers::of))
        }

        type ExportBooksStream = Answers<ExportBooksResponse>;

        async fn export_books(
            &self,
            request: Request<ExportBooksRequest>,
        ) -> Result<Response<Self::ExportBooksStream>, Status> {
            Ok(self.answer::<ExportBooks>(request).await?.map(Answers::of))
        }
    }
}

/// `BookService/ImportBooks`: all messages that came, and all that are answered to them.
#[derive(Clone, Copy, Debug)]
pub struct ImportBooks;

impl Rpc for ImportBooks {
    type Request = Vec<ImportBooksRequest>;
    type Answer = Vec<Result<ImportBooksResponse, Status>>;
}

/// `BookService/ExportBooks`, with all messages that are answered.
#[derive(Clone, Copy, Debug)]
pub struct ExportBooks;

impl Rpc for ExportBooks {
    type Request = ExportBooksRequest;
    type Answer = Vec<Result<ExportBooksResponse, Status>>;
}

service! { OrderService, orders:
    quote_order QuoteOrder(QuoteOrderRequest) -> Quote;
    place_order PlaceOrder(PlaceOrderRequest) -> Order;
    get_order GetOrder(GetOrderRequest) -> Order;
    batch_get_orders BatchGetOrders(BatchGetOrdersRequest) -> BatchGetOrdersResponse;
    list_orders ListOrders(ListOrdersRequest) -> ListOrdersResponse;
    pay_order PayOrder(PayOrderRequest) -> Order;
    ship_order ShipOrder(ShipOrderRequest) -> Order;
    deliver_order DeliverOrder(DeliverOrderRequest) -> Order;
    cancel_order CancelOrder(CancelOrderRequest) -> Order;
    sales_by_day SalesByDay(SalesByDayRequest) -> SalesByDayResponse;
}

service! { PostService, posts:
    get_post GetPost(GetPostRequest) -> Post;
    batch_get_posts BatchGetPosts(BatchGetPostsRequest) -> BatchGetPostsResponse;
    list_posts ListPosts(ListPostsRequest) -> ListPostsResponse;
    create_post CreatePost(CreatePostRequest) -> Post;
    update_post UpdatePost(UpdatePostRequest) -> Post;
    delete_post DeletePost(DeletePostRequest) -> ();
    like_post LikePost(LikePostRequest) -> Post;
    unlike_post UnlikePost(UnlikePostRequest) -> Post;
    batch_get_post_viewer_states BatchGetPostViewerStates(BatchGetPostViewerStatesRequest)
        -> BatchGetPostViewerStatesResponse;
    list_comments ListComments(ListCommentsRequest) -> ListCommentsResponse;
    batch_get_comments BatchGetComments(BatchGetCommentsRequest) -> BatchGetCommentsResponse;
    create_comment CreateComment(CreateCommentRequest) -> Comment;
    delete_comment DeleteComment(DeleteCommentRequest) -> ();
    list_tags ListTags(ListTagsRequest) -> ListTagsResponse;
}

service! { ModerationService, moderation:
    list_newest_comments ListNewestComments(ListNewestCommentsRequest) -> ListNewestCommentsResponse;
    moderate_post ModeratePost(ModeratePostRequest) -> Moderation;
    moderate_comment ModerateComment(ModerateCommentRequest) -> Moderation;
    list_moderations ListModerations(ListModerationsRequest) -> ListModerationsResponse;
}

service! { UserService, users:
    get_user GetUser(GetUserRequest) -> User;
    batch_get_users BatchGetUsers(BatchGetUsersRequest) -> BatchGetUsersResponse;
    get_account GetAccount(GetAccountRequest) -> Account;
    register Register(RegisterRequest) -> Account;
    update_account UpdateAccount(UpdateAccountRequest) -> Account;
    follow Follow(FollowRequest) -> User;
    unfollow Unfollow(UnfollowRequest) -> User;
    batch_get_user_viewer_states BatchGetUserViewerStates(BatchGetUserViewerStatesRequest)
        -> BatchGetUserViewerStatesResponse;
}

service! { SessionService, sessions:
    create_session CreateSession(CreateSessionRequest) -> CreateSessionResponse;
    begin_federated_session BeginFederatedSession(BeginFederatedSessionRequest) -> BeginFederatedSessionResponse;
    complete_federated_session CompleteFederatedSession(CompleteFederatedSessionRequest) -> CreateSessionResponse;
    get_sign_in_methods GetSignInMethods(GetSignInMethodsRequest) -> SignInMethods;
    refresh_session RefreshSession(RefreshSessionRequest) -> Pass;
    delete_session DeleteSession(DeleteSessionRequest) -> ();
    list_sessions ListSessions(ListSessionsRequest) -> ListSessionsResponse;
    revoke_session RevokeSession(RevokeSessionRequest) -> ();
    revoke_other_sessions RevokeOtherSessions(RevokeOtherSessionsRequest) -> ();
}

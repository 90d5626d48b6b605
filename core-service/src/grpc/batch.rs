//! `triptych.batch.v1.BatchService`: reads that travel together.
//!
//! Each call of a batch is held against the table of who may call what, has its own time, and fails by itself. Answers
//! go out as they become ready, so that a slow one holds up no other.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, Stream, StreamExt};
use prost::Message;
use proto::Rpc;
use proto::batch::v1::batch_service_server::BatchService;
use proto::batch::v1::{Answer, Call, Failure, RunRequest, RunResponse, answer::Outcome};
use proto::books::v1::book_service_server::BookService;
use proto::books::v1::{
    BatchGetBookViewerStatesRequest, BatchGetBooksRequest, GetBookRequest, ListBooksRequest,
};
use proto::changes::v1::ListChangesRequest;
use proto::changes::v1::change_service_server::ChangeService;
use proto::orders::v1::order_service_server::OrderService;
use proto::orders::v1::{
    BatchGetOrdersRequest, GetOrderRequest, ListOrdersRequest, QuoteOrderRequest, SalesByDayRequest,
};
use proto::posts::v1::moderation_service_server::ModerationService;
use proto::posts::v1::post_service_server::PostService;
use proto::posts::v1::{
    BatchGetCommentsRequest, BatchGetPostViewerStatesRequest, BatchGetPostsRequest, GetPostRequest,
    ListCommentsRequest, ListModerationsRequest, ListNewestCommentsRequest, ListPostsRequest,
    ListTagsRequest,
};
use proto::users::v1::session_service_server::SessionService;
use proto::users::v1::user_service_server::UserService;
use proto::users::v1::{
    BatchGetUserViewerStatesRequest, BatchGetUsersRequest, GetAccountRequest, GetSignInMethodsRequest,
    GetUserRequest, ListSessionsRequest,
};
use tokio::sync::{OnceCell, Semaphore};
use tonic::{Code, Request, Response, Status};
use tracing::Instrument;

use super::access::{Allowed, known};
use super::books::BookController;
use super::changes::ChangeController;
use super::depends::Shared;
use super::moderation::ModerationController;
use super::observe;
use super::orders::OrderController;
use super::posts::PostController;
use super::sessions::SessionController;
use super::users::UserController;
use crate::error::Error;
use crate::models::session::Client;
use crate::services::Services;
use crate::services::caller::Caller;

/// How many calls one batch has at most.
const CALLS: usize = 128;
/// How many answers go out in one message at most, so that none becomes too large to be sent.
const ANSWERS: usize = 32;

/// Runs batches.
#[derive(Clone)]
pub(super) struct BatchController {
    controllers: Arc<Controllers>,
    seats: Arc<Semaphore>,
    timeout: Duration,
}

/// Where calls go.
struct Controllers {
    services: Services,
    books: BookController,
    changes: ChangeController,
    moderation: ModerationController,
    orders: OrderController,
    posts: PostController,
    sessions: SessionController,
    users: UserController,
}

/// Who is behind the tokens of one batch; each is looked up once, however many calls it came with.
type Callers = HashMap<String, OnceCell<Result<Caller, Status>>>;

impl BatchController {
    /// Runs up to `at_once` calls at the same time, each for no longer than `timeout`.
    pub(super) fn new(services: &Services, at_once: usize, timeout: Duration) -> Self {
        let controllers = Controllers {
            services: services.clone(),
            books: BookController(services.clone()),
            changes: ChangeController(services.clone()),
            moderation: ModerationController(services.clone()),
            orders: OrderController(services.clone()),
            posts: PostController(services.clone()),
            sessions: SessionController(services.clone()),
            users: UserController(services.clone()),
        };
        Self {
            controllers: Arc::new(controllers),
            seats: Arc::new(Semaphore::new(at_once)),
            timeout,
        }
    }

    /// The answer to one call.
    async fn answer(self, index: u32, call: Call, gateway: Client, callers: Arc<Callers>) -> Answer {
        // Read before anything else is: what is read afterwards has seen all changes up to here.
        let head = self.controllers.services.feed.head();
        let (began, method) = (Instant::now(), known(&call.method).map_or("unknown", |row| row.0));
        let timeout = match call.timeout_ms {
            0 => self.timeout,
            wanted => self.timeout.min(Duration::from_millis(wanted.into())),
        };
        let span = tracing::info_span!("call", method, request_id = call.request_id);
        let work = AssertUnwindSafe(self.work(call, gateway, &callers)).catch_unwind();
        let done = match tokio::time::timeout(timeout, work.instrument(span)).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Status::internal("internal error").into(),
            Err(_) => Status::deadline_exceeded("the call took too long").into(),
        };
        let code = done.response.as_ref().map_or_else(Status::code, |_| Code::Ok);
        observe::count(method, code, began.elapsed());
        Answer {
            index,
            outcome: Some(match done.response {
                Ok(response) => Outcome::Response(response),
                Err(status) => Outcome::Failure(Failure {
                    code: status.code().into(),
                    message: status.message().to_owned(),
                    details: Bytes::copy_from_slice(status.details()),
                }),
            }),
            epoch: head.epoch,
            as_of: head.seq,
            depends_on: done.depends_on,
        }
    }

    async fn work(&self, call: Call, gateway: Client, callers: &Callers) -> Done {
        let Ok(_seat) = self.seats.try_acquire() else {
            return Status::resource_exhausted("too many calls at once").into();
        };
        match self.admit(&call, gateway, callers).await {
            Ok(allowed) => run(&self.controllers, allowed, call).await,
            Err(refusal) => refusal.into(),
        }
    }

    /// Holds a call against the table.
    async fn admit(&self, call: &Call, gateway: Client, callers: &Callers) -> Result<Allowed, Status> {
        let row = known(&call.method)?;
        let caller = match callers.get(&call.token) {
            None => None,
            Some(caller) => {
                let sessions = &self.controllers.services.sessions;
                let look_up = async || sessions.caller(&call.token, gateway).await.map_err(Status::from);
                Some(caller.get_or_init(look_up).await.clone()?)
            }
        };
        Ok(Allowed::check(row, gateway, caller)?)
    }
}

#[tonic::async_trait]
impl BatchService for BatchController {
    type RunStream = Pin<Box<dyn Stream<Item = Result<RunResponse, Status>> + Send>>;

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<Self::RunStream>, Status> {
        let gateway = Allowed::of(&request)?.gateway;
        let calls = request.into_inner().calls;
        if calls.len() > CALLS {
            return Err(Error::invalid("calls", "are more than 128").into());
        }
        let tokens = calls.iter().map(|call| call.token.clone());
        let tokens = tokens.filter(|token| !token.is_empty());
        let callers = Arc::new(Callers::from_iter(tokens.map(|token| (token, OnceCell::new()))));
        let calls = calls.into_iter().zip(0..);
        let answers = calls.map(|(call, index)| self.clone().answer(index, call, gateway, callers.clone()));
        let answers = FuturesUnordered::from_iter(answers)
            .ready_chunks(ANSWERS)
            .map(|answers| Ok(RunResponse { answers }));
        Ok(Response::new(Box::pin(answers)))
    }
}

/// What came of a call.
struct Done {
    response: Result<Bytes, Status>,
    depends_on: Vec<u64>,
}

impl From<Status> for Done {
    fn from(status: Status) -> Self {
        Self {
            response: Err(status),
            depends_on: Vec::new(),
        }
    }
}

/// Gives each method to its controller; what stands after `shared` is the same for everybody where nobody is named.
macro_rules! reads {
    (
        shared { $($shared_at:ident.$shared:ident($shared_request:ty);)* }
        own { $($own_at:ident.$own:ident($own_request:ty);)* }
    ) => {
        async fn run(controllers: &Controllers, allowed: Allowed, call: Call) -> Done {
            match allowed.method {
                $(<$shared_request as Rpc>::METHOD if allowed.caller.is_none() => {
                    shared(allowed, call, |request| controllers.$shared_at.$shared(request)).await
                })*
                $(<$shared_request as Rpc>::METHOD => {
                    own(allowed, call, |request| controllers.$shared_at.$shared(request)).await
                })*
                $(<$own_request as Rpc>::METHOD => {
                    own(allowed, call, |request| controllers.$own_at.$own(request)).await
                })*
                _ => Status::unimplemented("no method that travels in a batch").into(),
            }
        }
    };
}

reads! {
    shared {
        books.get_book(GetBookRequest);
        books.batch_get_books(BatchGetBooksRequest);
        books.list_books(ListBooksRequest);
        posts.get_post(GetPostRequest);
        posts.batch_get_posts(BatchGetPostsRequest);
        posts.list_posts(ListPostsRequest);
        posts.list_comments(ListCommentsRequest);
        posts.list_tags(ListTagsRequest);
        users.get_user(GetUserRequest);
        users.batch_get_users(BatchGetUsersRequest);
    }
    own {
        books.batch_get_book_viewer_states(BatchGetBookViewerStatesRequest);
        moderation.list_moderations(ListModerationsRequest);
        moderation.list_newest_comments(ListNewestCommentsRequest);
        changes.list_changes(ListChangesRequest);
        orders.quote_order(QuoteOrderRequest);
        orders.get_order(GetOrderRequest);
        orders.batch_get_orders(BatchGetOrdersRequest);
        orders.list_orders(ListOrdersRequest);
        orders.sales_by_day(SalesByDayRequest);
        posts.batch_get_post_viewer_states(BatchGetPostViewerStatesRequest);
        posts.batch_get_comments(BatchGetCommentsRequest);
        sessions.list_sessions(ListSessionsRequest);
        sessions.get_sign_in_methods(GetSignInMethodsRequest);
        users.get_account(GetAccountRequest);
        users.batch_get_user_viewer_states(BatchGetUserViewerStatesRequest);
    }
}

/// A call whose answer is the same for everybody, and what it depends on.
async fn shared<R, F>(allowed: Allowed, call: Call, method: impl FnOnce(Request<R>) -> F) -> Done
where
    R: Shared,
    F: Future<Output = Result<Response<R::Answer>, Status>>,
{
    let message = match R::decode(call.request.as_ref()) {
        Ok(message) => message,
        Err(broken) => return unreadable(&broken),
    };
    let mut keys = Vec::new();
    message.asks_for(&mut keys);
    let response = match method(request(allowed, message)).await {
        Ok(answer) => {
            R::shows(answer.get_ref(), &mut keys);
            Ok(encoded(answer.get_ref()))
        }
        Err(status) => {
            match status.code() {
                Code::NotFound => keys.push(R::NEEDS.all()),
                _ => keys.clear(),
            }
            Err(status)
        }
    };
    keys.sort_unstable();
    keys.dedup();
    Done {
        response,
        depends_on: keys,
    }
}

/// A call whose answer is its caller's own.
async fn own<R, F>(allowed: Allowed, call: Call, method: impl FnOnce(Request<R>) -> F) -> Done
where
    R: Rpc,
    F: Future<Output = Result<Response<R::Answer>, Status>>,
{
    let message = match R::decode(call.request.as_ref()) {
        Ok(message) => message,
        Err(broken) => return unreadable(&broken),
    };
    Done {
        response: method(request(allowed, message))
            .await
            .map(|answer| encoded(answer.get_ref())),
        depends_on: Vec::new(),
    }
}

fn request<R>(allowed: Allowed, message: R) -> Request<R> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(allowed);
    request
}

fn encoded(answer: &impl Message) -> Bytes {
    answer.encode_to_vec().into()
}

fn unreadable(broken: &prost::DecodeError) -> Done {
    Status::invalid_argument(format!("the request cannot be read: {broken}")).into()
}

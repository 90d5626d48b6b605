//! Who may call what: one row for each method of the contract, and the layer that holds every call against it.
//!
//! A gateway is trusted for its channel and for nothing else. It proves which one it is, and whom it calls for is
//! proved by that person's own token; what is not in the table is refused.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::{Extensions, HeaderMap, Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::Service;

use super::gateways::Gateways;
use crate::error::{Error, Result, Unauthenticated};
use crate::models::session::Client;
use crate::services::caller::{Caller, Role};
use crate::services::sessions::Sessions;

/// Who may call a method through one gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Nobody at all.
    Nobody,
    /// Everybody, signed in or not.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and of the staff.
    Staff,
}

use Who::{Anyone, Nobody, SignedIn, Staff};

/// Who may call each method through bff-web, bff-mobile and bff-desktop, in this order.
#[rustfmt::skip]
pub const METHODS: &[(&str, [Who; 3])] = &[
    //                                                                 web       mobile    desktop
    ("triptych.users.v1.UserService/GetUser",                         [Anyone,   Anyone,   Staff]),
    ("triptych.users.v1.UserService/BatchGetUsers",                   [Anyone,   Anyone,   Staff]),
    ("triptych.users.v1.UserService/GetAccount",                      [SignedIn, SignedIn, SignedIn]),
    ("triptych.users.v1.UserService/Register",                        [Anyone,   Anyone,   Nobody]),
    ("triptych.users.v1.UserService/UpdateAccount",                   [SignedIn, SignedIn, SignedIn]),
    ("triptych.users.v1.UserService/Follow",                          [SignedIn, SignedIn, Nobody]),
    ("triptych.users.v1.UserService/Unfollow",                        [SignedIn, SignedIn, Nobody]),
    ("triptych.users.v1.UserService/BatchGetUserViewerStates",        [SignedIn, SignedIn, Nobody]),
    ("triptych.users.v1.SessionService/CreateSession",                [Anyone,   Anyone,   Anyone]),
    ("triptych.users.v1.SessionService/BeginFederatedSession",        [Anyone,   Nobody,   Anyone]),
    ("triptych.users.v1.SessionService/CompleteFederatedSession",     [Anyone,   Nobody,   Anyone]),
    ("triptych.users.v1.SessionService/GetSignInMethods",             [Anyone,   Nobody,   Anyone]),
    ("triptych.users.v1.SessionService/RefreshSession",               [Nobody,   Anyone,   Anyone]),
    ("triptych.users.v1.SessionService/DeleteSession",                [SignedIn, SignedIn, SignedIn]),
    ("triptych.users.v1.SessionService/ListSessions",                 [SignedIn, SignedIn, SignedIn]),
    ("triptych.users.v1.SessionService/RevokeSession",                [SignedIn, SignedIn, SignedIn]),
    ("triptych.users.v1.SessionService/RevokeOtherSessions",          [SignedIn, SignedIn, SignedIn]),
    ("triptych.books.v1.BookService/GetBook",                         [Anyone,   Anyone,   Staff]),
    ("triptych.books.v1.BookService/BatchGetBooks",                   [Anyone,   Anyone,   Staff]),
    ("triptych.books.v1.BookService/ListBooks",                       [Anyone,   Anyone,   Staff]),
    ("triptych.books.v1.BookService/CreateBook",                      [Nobody,   Nobody,   Staff]),
    ("triptych.books.v1.BookService/UpdateBook",                      [Nobody,   Nobody,   Staff]),
    ("triptych.books.v1.BookService/DeleteBook",                      [Nobody,   Nobody,   Staff]),
    ("triptych.books.v1.BookService/ImportBooks",                     [Nobody,   Nobody,   Staff]),
    ("triptych.books.v1.BookService/ExportBooks",                     [Nobody,   Nobody,   Staff]),
    ("triptych.books.v1.BookService/BatchGetBookViewerStates",        [SignedIn, SignedIn, Nobody]),
    ("triptych.orders.v1.OrderService/QuoteOrder",                    [Anyone,   Anyone,   Nobody]),
    ("triptych.orders.v1.OrderService/PlaceOrder",                    [SignedIn, SignedIn, Nobody]),
    ("triptych.orders.v1.OrderService/GetOrder",                      [SignedIn, SignedIn, Staff]),
    ("triptych.orders.v1.OrderService/BatchGetOrders",                [SignedIn, SignedIn, Staff]),
    ("triptych.orders.v1.OrderService/ListOrders",                    [SignedIn, SignedIn, Staff]),
    ("triptych.orders.v1.OrderService/PayOrder",                      [SignedIn, SignedIn, Staff]),
    ("triptych.orders.v1.OrderService/ShipOrder",                     [Nobody,   Nobody,   Staff]),
    ("triptych.orders.v1.OrderService/DeliverOrder",                  [Nobody,   Nobody,   Staff]),
    ("triptych.orders.v1.OrderService/CancelOrder",                   [SignedIn, SignedIn, Staff]),
    ("triptych.orders.v1.OrderService/SalesByDay",                    [Nobody,   Nobody,   Staff]),
    ("triptych.posts.v1.PostService/GetPost",                         [Anyone,   Anyone,   Staff]),
    ("triptych.posts.v1.PostService/BatchGetPosts",                   [Anyone,   Anyone,   Staff]),
    ("triptych.posts.v1.PostService/ListPosts",                       [Anyone,   Anyone,   Staff]),
    ("triptych.posts.v1.PostService/CreatePost",                      [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/UpdatePost",                      [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/DeletePost",                      [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/LikePost",                        [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/UnlikePost",                      [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/BatchGetPostViewerStates",        [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/ListComments",                    [Anyone,   Anyone,   Staff]),
    ("triptych.posts.v1.PostService/BatchGetComments",                [Anyone,   Anyone,   Staff]),
    ("triptych.posts.v1.PostService/CreateComment",                   [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/DeleteComment",                   [SignedIn, SignedIn, Nobody]),
    ("triptych.posts.v1.PostService/ListTags",                        [Anyone,   Anyone,   Staff]),
    ("triptych.posts.v1.ModerationService/ListNewestComments",        [Nobody,   Nobody,   Staff]),
    ("triptych.posts.v1.ModerationService/ModeratePost",              [Nobody,   Nobody,   Staff]),
    ("triptych.posts.v1.ModerationService/ModerateComment",           [Nobody,   Nobody,   Staff]),
    ("triptych.posts.v1.ModerationService/ListModerations",           [Nobody,   Nobody,   Staff]),
    // What travels in a batch is held against this table call by call.
    ("triptych.batch.v1.BatchService/Run",                            [Anyone,   Anyone,   Anyone]),
    // Without a caller these tell what everybody may know.
    ("triptych.changes.v1.ChangeService/Subscribe",                   [Anyone,   Anyone,   Anyone]),
    ("triptych.changes.v1.ChangeService/ListChanges",                 [Anyone,   Anyone,   Anyone]),
    // So that a gateway that is not known here is not ready, and says why.
    ("grpc.health.v1.Health/Check",                                   [Anyone,   Anyone,   Anyone]),
    ("grpc.health.v1.Health/Watch",                                   [Anyone,   Anyone,   Anyone]),
];

/// The descriptors of the contract: no secret, and served to anybody where the settings say that they are served.
const REFLECTION: &str = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/// A call that the table allows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allowed {
    /// The method, as the table has it.
    pub(super) method: &'static str,
    /// The gateway that it came through.
    pub(super) gateway: Client,
    /// Who is calling, where a token came with it.
    pub(super) caller: Option<Caller>,
}

impl Allowed {
    /// Holds a call against the table.
    pub(super) fn check(
        (method, who): &'static Row,
        gateway: Client,
        caller: Option<Caller>,
    ) -> Result<Self> {
        let who = match gateway {
            Client::Web => who[0],
            Client::Mobile => who[1],
            Client::Desktop => who[2],
        };
        match (who, caller) {
            (Anyone, _) | (SignedIn, Some(_)) => {}
            (Staff, Some(caller)) if caller.role >= Role::Staff => {}
            (SignedIn | Staff, None) => return Err(Error::Unauthenticated(Unauthenticated::TokenMissing)),
            (Nobody, _) | (Staff, Some(_)) => return Err(Error::NotAllowed),
        }
        Ok(Self {
            method,
            gateway,
            caller,
        })
    }

    /// What the layer found out about this call.
    pub(super) fn of<M>(request: &tonic::Request<M>) -> Result<Self> {
        let allowed = request.extensions().get::<Self>().copied();
        allowed.ok_or_else(|| Error::internal("a call came past the table of who may call what"))
    }

    /// The caller; refused where there is none.
    pub(super) fn caller(self) -> Result<Caller> {
        self.caller
            .ok_or(Error::Unauthenticated(Unauthenticated::TokenMissing))
    }
}

/// What a call has to pass before a controller sees it.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) gateways: Gateways,
    pub(super) sessions: Sessions,
}

impl Guard {
    async fn allow(
        &self,
        path: &str,
        headers: &HeaderMap,
        connection: &Extensions,
    ) -> Result<Option<Allowed>> {
        let path = path.strip_prefix('/').unwrap_or_default();
        if path == REFLECTION {
            return Ok(None);
        }
        let gateway = self.gateways.name(headers, connection)?;
        let method = known(path)?;
        let caller = match token(headers)? {
            Some(token) => Some(self.sessions.caller(token, gateway).await?),
            None => None,
        };
        Allowed::check(method, gateway, caller).map(Some)
    }
}

/// A row of the table.
type Row = (&'static str, [Who; 3]);

/// The method of this name and who may call it; refused where the table does not have it.
pub(super) fn known(name: &str) -> Result<&'static Row> {
    static ROWS: LazyLock<HashMap<&str, &Row>> =
        LazyLock::new(|| METHODS.iter().map(|row| (row.0, row)).collect());
    ROWS.get(name).copied().ok_or(Error::NotAllowed)
}

/// The token in the call's `authorization`, if there is one.
fn token(headers: &HeaderMap) -> Result<Option<&str>> {
    let Some(header) = headers.get(http::header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
    token
        .map(Some)
        .ok_or(Error::Unauthenticated(Unauthenticated::TokenInvalid))
}

/// A service whose calls are held against the table.
#[derive(Clone, Debug)]
pub(super) struct Guarded<S> {
    pub(super) inner: S,
    pub(super) guard: Guard,
}

impl<S, A> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    A: Default,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = BoxFuture<'static, std::result::Result<Response<A>, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<std::result::Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let guard = self.guard.clone();
        // The one that is ready is the one to call.
        let next = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, next);
        Box::pin(async move {
            match guard
                .allow(request.uri().path(), request.headers(), request.extensions())
                .await
            {
                Ok(Some(allowed)) => {
                    request.extensions_mut().insert(allowed);
                }
                Ok(None) => {}
                Err(refusal) => return Ok(Status::from(refusal).into_http()),
            }
            ready.call(request).await
        })
    }
}

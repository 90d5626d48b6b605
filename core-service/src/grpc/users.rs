//! `triptych.users.v1.UserService`.

use proto::users::v1::user_service_server::UserService;
use proto::users::v1::{
    Account, BatchGetUserViewerStatesRequest, BatchGetUserViewerStatesResponse, BatchGetUsersRequest,
    BatchGetUsersResponse, FollowRequest, GetAccountRequest, GetUserRequest, RegisterRequest,
    UnfollowRequest, UpdateAccountRequest, User, UserViewerState, get_user_request,
};
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::{paths, wanted};
use super::write::Write;
use crate::error::Error;
use crate::models::fields::Fields;
use crate::services::caller::Role;
use crate::services::{Key, Services, accounts, follows};
use crate::validators::batch;
use crate::validators::users::{AccountChanges, NewAccount, Password, RawAccount};

/// Users and one's own account.
pub(super) struct UserController(pub(super) Services);

#[tonic::async_trait]
impl UserService for UserController {
    async fn get_user(&self, request: Request<GetUserRequest>) -> Result<Response<User>, Status> {
        let GetUserRequest { key, read_mask } = request.into_inner();
        let key = match key {
            Some(get_user_request::Key::Id(id)) => Key::Id(id),
            Some(get_user_request::Key::Username(username)) => Key::Name(username),
            None => return Err(Error::invalid("key", "is missing: give an id or a username").into()),
        };
        let user = self.0.users.get(key, wanted(read_mask, Fields::all())?).await?;
        Ok(Response::new(user.into()))
    }

    async fn batch_get_users(
        &self,
        request: Request<BatchGetUsersRequest>,
    ) -> Result<Response<BatchGetUsersResponse>, Status> {
        let BatchGetUsersRequest {
            ids,
            usernames,
            read_mask,
        } = request.into_inner();
        let keys = batch("ids", Key::list(ids, usernames))?;
        let users = self
            .0
            .users
            .batch_get(&keys, wanted(read_mask, Fields::all())?)
            .await?;
        Ok(Response::new(BatchGetUsersResponse {
            users: users.into_iter().map(User::from).collect(),
        }))
    }

    async fn get_account(&self, request: Request<GetAccountRequest>) -> Result<Response<Account>, Status> {
        let caller = Allowed::of(&request)?.caller()?;
        Ok(Response::new(self.0.accounts.get(caller).await?.into()))
    }

    async fn register(&self, request: Request<RegisterRequest>) -> Result<Response<Account>, Status> {
        let (call, message) = Write::of(&self.0, request)?;
        let RegisterRequest {
            username,
            email,
            password,
            name,
        } = message;
        let raw = RawAccount {
            username,
            email,
            password: Password(password),
            name,
            ..RawAccount::default()
        };
        let account = NewAccount::parse(raw)?;
        let hash = self.0.passwords.hash(&account.password).await?;
        call.run(|tx| async move {
            let account = accounts::register(&tx, account, hash, Role::Reader).await?;
            Ok(account.into())
        })
        .await
    }

    async fn update_account(
        &self,
        request: Request<UpdateAccountRequest>,
    ) -> Result<Response<Account>, Status> {
        let (call, message) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let UpdateAccountRequest {
            username,
            email,
            password,
            name,
            bio,
            image,
            update_mask,
        } = message;
        let raw = RawAccount {
            username,
            email,
            password: Password(password),
            name,
            bio,
            image,
        };
        let changes = AccountChanges::parse(raw, &paths(update_mask))?;
        let hash = match &changes.password {
            Some(password) => Some(self.0.passwords.hash(password).await?),
            None => None,
        };
        call.run(move |tx| async move {
            let account = accounts::update(&tx, caller, changes, hash).await?;
            Ok(account.into())
        })
        .await
    }

    async fn follow(&self, request: Request<FollowRequest>) -> Result<Response<User>, Status> {
        let (call, FollowRequest { username, read_mask }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let wanted = wanted(read_mask, Fields::all())?;
        call.run(move |tx| async move { Ok(follows::follow(&tx, caller, username, wanted).await?.into()) })
            .await
    }

    async fn unfollow(&self, request: Request<UnfollowRequest>) -> Result<Response<User>, Status> {
        let (call, UnfollowRequest { username, read_mask }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        let wanted = wanted(read_mask, Fields::all())?;
        call.run(move |tx| async move { Ok(follows::unfollow(&tx, caller, username, wanted).await?.into()) })
            .await
    }

    async fn batch_get_user_viewer_states(
        &self,
        request: Request<BatchGetUserViewerStatesRequest>,
    ) -> Result<Response<BatchGetUserViewerStatesResponse>, Status> {
        let caller = Allowed::of(&request)?.caller()?;
        let ids = batch("user_ids", request.into_inner().user_ids)?;
        let states = self.0.follows.states(caller, &ids).await?.into_iter();
        let states = states.map(|(user_id, following)| UserViewerState { user_id, following });
        Ok(Response::new(BatchGetUserViewerStatesResponse {
            states: states.collect(),
        }))
    }
}

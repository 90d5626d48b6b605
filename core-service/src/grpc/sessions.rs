//! `triptych.users.v1.SessionService`.

use proto::users::v1 as contract;
use proto::users::v1::session_service_server::SessionService;
use proto::users::v1::{
    CreateSessionRequest, CreateSessionResponse, DeleteSessionRequest, ListSessionsRequest,
    ListSessionsResponse, RefreshSessionRequest, RevokeOtherSessionsRequest, RevokeSessionRequest,
};
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::timestamp;
use super::write::Write;
use crate::models::session::{Client, Model};
use crate::services::Services;
use crate::services::sessions::{self, Pass};
use crate::validators::users::{Password, SignIn};

/// The metadata with the address that a request comes from, as far as the gateway knows.
const ADDRESS: &str = "x-client-address";

/// Signing in and out.
pub(super) struct SessionController(pub(super) Services);

#[tonic::async_trait]
impl SessionService for SessionController {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        let client = Allowed::of(&request)?.gateway;
        let address = request.metadata().get(ADDRESS);
        let address = address.and_then(|address| address.to_str().ok()?.parse().ok());
        let CreateSessionRequest {
            email,
            password,
            device,
        } = request.into_inner();
        let sign_in = SignIn::parse(email, Password(password), client, device, address)?;
        let begun = self.0.sessions.sign_in(sign_in).await?;
        Ok(Response::new(CreateSessionResponse {
            account: Some(begun.account.into()),
            pass: Some(begun.pass.into()),
        }))
    }

    async fn refresh_session(
        &self,
        request: Request<RefreshSessionRequest>,
    ) -> Result<Response<contract::Pass>, Status> {
        let gateway = Allowed::of(&request)?.gateway;
        let RefreshSessionRequest { refresh_token } = request.into_inner();
        let pass = self.0.sessions.refresh(&refresh_token, gateway).await?;
        Ok(Response::new(pass.into()))
    }

    async fn delete_session(&self, request: Request<DeleteSessionRequest>) -> Result<Response<()>, Status> {
        let (call, DeleteSessionRequest {}) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        call.run(move |tx| async move { sessions::revoke(&tx, caller, caller.session_id).await })
            .await
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        let caller = Allowed::of(&request)?.caller()?;
        let found = self.0.sessions.list(caller).await?.into_iter();
        let sessions = found.map(|session| contract::Session {
            current: session.id == caller.session_id,
            ..session.into()
        });
        Ok(Response::new(ListSessionsResponse {
            sessions: sessions.collect(),
        }))
    }

    async fn revoke_session(&self, request: Request<RevokeSessionRequest>) -> Result<Response<()>, Status> {
        let (call, RevokeSessionRequest { id }) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        call.run(move |tx| async move { sessions::revoke(&tx, caller, id).await })
            .await
    }

    async fn revoke_other_sessions(
        &self,
        request: Request<RevokeOtherSessionsRequest>,
    ) -> Result<Response<()>, Status> {
        let (call, RevokeOtherSessionsRequest {}) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        call.run(move |tx| async move { sessions::revoke_others(&tx, caller).await })
            .await
    }
}

impl From<Pass> for contract::Pass {
    fn from(pass: Pass) -> Self {
        Self {
            token: pass.token,
            token_expires_at: Some(timestamp(pass.token_ends_at)),
            refresh_token: pass.refresh_token.unwrap_or_default(),
            session_expires_at: Some(timestamp(pass.session_ends_at)),
        }
    }
}

impl From<Model> for contract::Session {
    fn from(row: Model) -> Self {
        let client = match row.client {
            Client::Web => contract::Client::Web,
            Client::Mobile => contract::Client::Mobile,
            Client::Desktop => contract::Client::Desktop,
        };
        Self {
            id: row.id,
            client: client.into(),
            device: row.device,
            created_at: Some(timestamp(row.created_at)),
            used_at: Some(timestamp(row.used_at)),
            expires_at: Some(timestamp(row.expires_at)),
            current: false,
        }
    }
}

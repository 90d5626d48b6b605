//! `triptych.users.v1.SessionService`.

use std::net::IpAddr;

use proto::users::v1 as contract;
use proto::users::v1::session_service_server::SessionService;
use proto::users::v1::{
    BeginFederatedSessionRequest, BeginFederatedSessionResponse, CompleteFederatedSessionRequest,
    CreateSessionRequest, CreateSessionResponse, DeleteSessionRequest, GetSignInMethodsRequest,
    ListSessionsRequest, ListSessionsResponse, RefreshSessionRequest, RevokeOtherSessionsRequest,
    RevokeSessionRequest, SignInMethods,
};
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::timestamp;
use super::write::Write;
use crate::models::session::{Client, Model};
use crate::services::Services;
use crate::services::sessions::{self, Begun, Pass};
use crate::validators::oidc::{Beginning, Completion, RawCompletion};
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
        let address = address(&request);
        let CreateSessionRequest {
            email,
            password,
            device,
            known_device,
        } = request.into_inner();
        let sign_in = SignIn::parse(email, Password(password), client, device, known_device, address)?;
        let begun = self.0.sessions.sign_in(sign_in).await?;
        Ok(Response::new(begun.into()))
    }

    async fn begin_federated_session(
        &self,
        request: Request<BeginFederatedSessionRequest>,
    ) -> Result<Response<BeginFederatedSessionResponse>, Status> {
        let gateway = Allowed::of(&request)?.gateway;
        let BeginFederatedSessionRequest {
            redirect_uri,
            code_challenge,
        } = request.into_inner();
        let beginning = Beginning::parse(gateway, redirect_uri, code_challenge)?;
        let begun = self.0.oidc.begin(beginning).await?;
        Ok(Response::new(BeginFederatedSessionResponse {
            authorization_url: begun.authorization_url,
            flow: begun.flow,
        }))
    }

    async fn complete_federated_session(
        &self,
        request: Request<CompleteFederatedSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        let gateway = Allowed::of(&request)?.gateway;
        let address = address(&request);
        let CompleteFederatedSessionRequest {
            flow,
            code,
            state,
            iss,
            code_verifier,
            device,
        } = request.into_inner();
        let raw = RawCompletion {
            flow,
            code,
            state,
            iss,
            code_verifier,
            device,
        };
        let completion = Completion::parse(raw, gateway, address)?;
        Ok(Response::new(self.0.oidc.complete(completion).await?.into()))
    }

    async fn get_sign_in_methods(
        &self,
        request: Request<GetSignInMethodsRequest>,
    ) -> Result<Response<SignInMethods>, Status> {
        let gateway = Allowed::of(&request)?.gateway;
        Ok(Response::new(SignInMethods {
            federated: self.0.oidc.is_offered(gateway),
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

/// Where a request comes from, as far as the gateway knows.
fn address<M>(request: &Request<M>) -> Option<IpAddr> {
    let address = request.metadata().get(ADDRESS)?;
    address.to_str().ok()?.parse().ok()
}

impl From<Begun> for CreateSessionResponse {
    fn from(begun: Begun) -> Self {
        Self {
            account: Some(begun.account.into()),
            pass: Some(begun.pass.into()),
            known_device: begun.known_device.unwrap_or_default(),
        }
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

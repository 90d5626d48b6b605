//! `triptych.users.v1.SessionService`.

use proto::users::v1 as contract;
use proto::users::v1::session_service_server::SessionService;
use proto::users::v1::{CreateSessionRequest, CreateSessionResponse, DeleteSessionRequest};
use tonic::{Request, Response, Status};

use super::convert::timestamp;
use crate::error::Error;
use crate::models::session::Client;
use crate::services::Services;
use crate::validators::users::{Password, SignIn};

/// Signing in and out.
pub(super) struct SessionController(pub(super) Services);

#[tonic::async_trait]
impl SessionService for SessionController {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        let request = request.into_inner();
        let client = match request.client() {
            contract::Client::Web => Client::Web,
            contract::Client::Mobile => Client::Mobile,
            contract::Client::Desktop => Client::Desktop,
            contract::Client::Unspecified => return Err(Error::invalid("client", "is not known").into()),
        };
        let sign_in = SignIn::parse(request.email, Password(request.password), client, request.device)?;
        let begun = self.0.sessions.sign_in(sign_in).await?;
        Ok(Response::new(CreateSessionResponse {
            account: Some(begun.account.into()),
            token: begun.token,
            expires_at: Some(timestamp(begun.expires_at)),
        }))
    }

    async fn delete_session(&self, request: Request<DeleteSessionRequest>) -> Result<Response<()>, Status> {
        let caller = self.0.sessions.required(request.metadata()).await?;
        self.0.sessions.sign_out(caller).await?;
        Ok(Response::new(()))
    }
}

//! `triptych.users.v1.SessionService`.

use proto::users::v1::session_service_server::SessionService;
use proto::users::v1::{CreateSessionRequest, CreateSessionResponse, DeleteSessionRequest};
use tonic::{Request, Response, Status};

use super::access::Allowed;
use super::convert::timestamp;
use super::write::Write;
use crate::services::{Services, sessions};
use crate::validators::users::{Password, SignIn};

/// Signing in and out.
pub(super) struct SessionController(pub(super) Services);

#[tonic::async_trait]
impl SessionService for SessionController {
    async fn create_session(
        &self,
        request: Request<CreateSessionRequest>,
    ) -> Result<Response<CreateSessionResponse>, Status> {
        let client = Allowed::of(&request)?.gateway;
        let request = request.into_inner();
        let sign_in = SignIn::parse(request.email, Password(request.password), client, request.device)?;
        let begun = self.0.sessions.sign_in(sign_in).await?;
        Ok(Response::new(CreateSessionResponse {
            account: Some(begun.account.into()),
            token: begun.token,
            expires_at: Some(timestamp(begun.expires_at)),
        }))
    }

    async fn delete_session(&self, request: Request<DeleteSessionRequest>) -> Result<Response<()>, Status> {
        let (call, DeleteSessionRequest {}) = Write::of(&self.0, request)?;
        let caller = call.caller()?;
        call.run(move |tx| async move { sessions::sign_out(&tx, caller).await })
            .await
    }
}

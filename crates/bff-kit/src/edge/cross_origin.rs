//! What pages of other origins may do, where a gateway's clients are browsers.

use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use tower::{Layer as _, ServiceExt as _};
use tower_http::{
    cors::CorsLayer,
    csrf::{CsrfLayer, ProtectionError},
};

use super::stack::{self, Layer, Next};
use crate::error::{ApiError, ApiResult};

/// What pages of other origins may do: nothing at all, unless a gateway says otherwise. Where it says nothing of requests
/// that are suspect, its clients send nothing that a browser would send unasked.
#[derive(Default)]
pub struct CrossOrigin {
    /// Which of them may read which answers.
    pub readers: Option<CorsLayer>,
    /// Which requests a browser may have been tricked into by one of them.
    pub suspect: Option<Suspicion>,
}

/// Whether a browser may have been tricked into a request, so that it has to say where it comes from; or why it is refused
/// whatever the browser says.
pub type Suspicion = Box<dyn Fn(&Request) -> ApiResult<bool> + Send + Sync>;

/// Says which origin may read an answer.
pub(super) struct Readers(pub(super) CorsLayer);

impl Layer for Readers {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let Ok(response) = self.0.layer(stack::service(next)).oneshot(*request).await;
        response
    }
}

/// Refuses changes that a page of another origin is behind, by what the browser says of where they come from.
pub(super) struct Forgeries(pub(super) Suspicion);

impl Layer for Forgeries {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        match (self.0)(&request) {
            Ok(false) => next.run(request).await,
            Ok(true) => {
                let refused = |_: ProtectionError| ApiError::CrossOrigin.into_response();
                let guard = CsrfLayer::new().with_rejection_response(refused);
                let Ok(response) = guard.layer(stack::service(next)).oneshot(*request).await;
                response
            }
            Err(refused) => refused.into_response(),
        }
    }
}

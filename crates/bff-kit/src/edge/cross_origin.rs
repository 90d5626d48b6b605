//! Which pages of other origins may read an answer, where a gateway has something for them.

use axum::{extract::Request, response::Response};
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::CorsLayer;

use super::stack::{self, Layer, Next};

/// Says which origin may read an answer.
pub(super) struct CrossOrigin(pub(super) CorsLayer);

impl Layer for CrossOrigin {
    async fn handle(&self, request: Box<Request>, next: impl Next) -> Response {
        let Ok(response) = self.0.layer(stack::service(next)).oneshot(*request).await;
        response
    }
}

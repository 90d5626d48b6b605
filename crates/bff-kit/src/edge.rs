//! What happens to every request before and after its handler, from top to bottom.

mod context;
mod drain;
mod idempotency;
mod layers;

use axum::{Router, middleware::from_fn_with_state};
use tower::ServiceBuilder;
use tower_http::trace::TraceLayer;

use crate::{error::ApiError, settings::ServerSettings};

pub use context::{CallContext, RequestId};
pub use idempotency::Idempotency;

/// Puts the layers that every gateway has around its routes.
pub fn wrap(routes: Router, settings: &ServerSettings) -> Router {
    let layers = ServiceBuilder::new()
        // Gives the request its name and its deadline, and the answer the name.
        .layer(from_fn_with_state(
            layers::Deadlines::of(settings),
            layers::context,
        ))
        // Counts and times the answer.
        .layer(axum::middleware::from_fn(layers::measure))
        // Says in the log which request it is that things happen for.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(layers::span)
                .on_failure(()),
        )
        // Tells browsers to take no liberties with the answer.
        .layer(axum::middleware::from_fn(layers::secure))
        // Takes what nobody read of a body off the wire, so that the client gets to read the answer.
        .layer(axum::middleware::from_fn(drain::drain))
        // Turns a panic into a 500 problem.
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(layers::panicked))
        // Makes the idempotency key of a write known to its calls.
        .layer(axum::middleware::from_fn(idempotency::layer))
        // Turns an answer that does not come in time into a 504 problem, and stops the work on it.
        .layer(axum::middleware::from_fn(layers::deadline))
        // Refuses a head that is too large.
        .layer(axum::middleware::from_fn(layers::limit_head))
        // Refuses a body that is too large, before or while it is read.
        .layer(from_fn_with_state(settings.max_body_bytes, layers::limit_body));
    routes
        .fallback(async || ApiError::UnknownRoute)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(layers)
}

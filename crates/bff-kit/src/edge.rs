//! What happens to every request before and after its handler, from top to bottom.

mod address;
mod caching;
mod client;
mod compression;
mod context;
mod credential;
mod deprecation;
mod drain;
mod etag;
mod freshness;
mod idempotency;
mod layers;
mod pages;
mod rate_limit;
mod security;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower::{ServiceBuilder, util::option_layer};
use tower_http::{cors::CorsLayer, trace::TraceLayer};

use crate::{error::ApiError, manners::Manners, settings::GatewaySettings};

pub use context::{CallContext, RequestId};
pub use idempotency::{Idempotency, RequiredKey};
pub(crate) use pages::Pages;
pub(crate) use rate_limit::{RateLimits, Session};

/// Puts the layers that every gateway has around its routes.
pub(crate) fn wrap(
    routes: Router,
    settings: &GatewaySettings,
    manners: Manners,
    cors: Option<CorsLayer>,
    limits: Arc<RateLimits>,
    pages: Pages,
) -> Router {
    let GatewaySettings {
        server,
        deprecated,
        client,
        ..
    } = settings;
    let gate = client::Gate::new(client.as_ref(), manners);
    let freshness = freshness::Freshness {
        cookies: !manners.session_cookies.is_empty(),
        https: server.https,
    };
    let notices = deprecation::Notices::new(deprecated);
    let layers = ServiceBuilder::new()
        // Gives the request its name and its deadline, and the answer the name.
        .layer(from_fn_with_state(layers::Arrival::of(server), layers::context))
        // Counts and times the answer.
        .layer(from_fn(layers::measure))
        // Says in the log which request it is that things happen for.
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(layers::span)
                .on_failure(()),
        )
        // Tells browsers to take no liberties with the answer.
        .layer(from_fn_with_state(server.https, security::layer))
        // Says who may keep the answer.
        .layer(from_fn_with_state(manners.session_cookies, caching::layer))
        // Says where a write stands, and how old an answer of the past is.
        .layer(from_fn_with_state(freshness, freshness::layer))
        // Tells an error in the shape that its route has for errors.
        .layer(from_fn_with_state(manners, layers::reshape))
        // Lets pages of other origins read the answer, be it a refusal of the layers below.
        .layer(option_layer(cors))
        // Takes what nobody read of a body off the wire, so that the client gets to read the answer.
        .layer(from_fn(drain::drain))
        // Refuses whoever asks too often.
        .layer(from_fn_with_state(limits, rate_limit::layer))
        // Says that a route is to go away, and counts who still calls it.
        .layer(from_fn_with_state(notices, deprecation::layer))
        // Refuses clients that are too old.
        .layer(from_fn_with_state(gate, client::gate))
        // Answers with a page that is ready, where it is the same for everybody.
        .layer(from_fn_with_state(pages, pages::layer))
        // Answers 304 where the client has the answer already.
        .layer(from_fn(etag::conditional))
        // Makes the answer smaller, whatever the client refuses.
        .layer(from_fn(compression::acceptable))
        .layer(compression::layer())
        // Gives the answer a tag to ask for it again by.
        .layer(from_fn(etag::name))
        // Turns a panic into a 500 problem.
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(layers::panicked))
        // Makes the idempotency key of a write known to its calls.
        .layer(from_fn(idempotency::layer))
        // Turns an answer that does not come in time into a 504 problem, and stops the work on it.
        .layer(from_fn(layers::deadline))
        // Refuses a head that is too large.
        .layer(from_fn(layers::limit_head))
        // Refuses a body that is too large, before or while it is read.
        .layer(from_fn_with_state(
            (server.max_body_bytes, manners),
            layers::limit_body,
        ));
    routes
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(layers)
}

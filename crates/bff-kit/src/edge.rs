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
mod measure;
mod pages;
mod rate_limit;
mod security;
mod stack;

use std::sync::Arc;

use axum::Router;
use tower::{ServiceBuilder, util::option_layer};
use tower_http::cors::CorsLayer;

use self::{
    caching::Caching,
    client::Gate,
    compression::Acceptable,
    deprecation::Notices,
    drain::Drain,
    etag::{Conditional, Name},
    freshness::Freshness,
    idempotency::Keys,
    layers::{Arrival, CatchPanic, Deadline, LimitBody, LimitHead, Reshape, Trace},
    measure::Measure,
    security::Security,
    stack::{Layer as _, Stack},
};
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
    let freshness = Freshness {
        cookies: !manners.session_cookies.is_empty(),
        https: server.https,
    };
    // Gives the request its name and its deadline, and the answer the name.
    let outer = Arrival::of(server)
        // Counts and times the answer.
        .around(Measure::default())
        // Says in the log which request it is that things happen for.
        .around(Trace)
        // Tells browsers to take no liberties with the answer.
        .around(Security { https: server.https })
        // Says who may keep the answer.
        .around(Caching {
            session_cookies: manners.session_cookies,
        })
        // Says where a write stands, and how old an answer of the past is.
        .around(freshness)
        // Tells an error in the shape that its route has for errors.
        .around(Reshape(manners));
    // Takes what nobody read of a body off the wire, so that the client gets to read the answer.
    let middle = Drain
        // Refuses whoever asks too often.
        .around(limits)
        // Says that a route is to go away, and counts who still calls it.
        .around(Notices::new(deprecated))
        // Refuses clients that are too old.
        .around(Gate::new(client.as_ref(), manners))
        // Answers with a page that is ready, where it is the same for everybody.
        .around(pages)
        // Answers 304 where the client has the answer already.
        .around(Conditional)
        // Makes the answer smaller, whatever the client refuses.
        .around(Acceptable);
    // Gives the answer a tag to ask for it again by.
    let inner = Name
        // Turns a panic into a 500 problem.
        .around(CatchPanic)
        // Makes the idempotency key of a write known to its calls.
        .around(Keys)
        // Turns an answer that does not come in time into a 504 problem, and stops the work on it.
        .around(Deadline)
        // Refuses a head that is too large.
        .around(LimitHead)
        // Refuses a body that is too large, before or while it is read.
        .around(LimitBody {
            max_bytes: server.max_body_bytes,
            manners,
        });
    let layers = ServiceBuilder::new()
        .layer(Stack::of(outer))
        // Lets pages of other origins read the answer, be it a refusal of the layers below.
        .layer(option_layer(cors))
        .layer(Stack::of(middle))
        // Makes the answer smaller.
        .layer(compression::layer())
        .layer(Stack::of(inner));
    routes
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(layers)
}

//! What happens to every request before and after its handler, from top to bottom.
//!
//! A page that is ready is handed out at the front; every other request takes the way through the layers to its handler.

mod address;
mod caching;
mod client;
mod compression;
mod context;
mod credential;
mod cross_origin;
mod deprecation;
mod drain;
mod etag;
mod freshness;
mod front;
mod idempotency;
mod layers;
mod measure;
mod pages;
mod rate_limit;
mod security;
mod stack;

use std::{
    convert::Infallible,
    future::{Future, ready},
    sync::Arc,
};

use axum::{Router, body::Body};
use bytes::Bytes;
use futures_util::{TryFutureExt as _, future::Either};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use tower::ServiceExt as _;

use self::{
    caching::Caching,
    client::Gate,
    compression::{Acceptable, Compress},
    cross_origin::{Forgeries, Readers},
    deprecation::Notices,
    drain::Drain,
    etag::{Conditional, Name},
    freshness::Freshness,
    front::Front,
    idempotency::Keys,
    layers::{Arrival, CatchPanic, Deadline, LimitBody, LimitHead, Reshape},
    security::Security,
    stack::{Stack, layers},
};
use crate::{
    error::ApiError,
    events::Hub,
    manners::Manners,
    server::{Peer, Seat},
    settings::GatewaySettings,
};

pub use context::{CallContext, RequestId};
pub use cross_origin::{CrossOrigin, Suspicion};
pub use idempotency::{Idempotency, RequiredKey};
pub(crate) use pages::Pages;
pub(crate) use rate_limit::{RateLimits, Session};

/// The edge of a gateway. Clones are of the same one.
#[derive(Clone)]
pub(crate) struct Edge {
    front: Arc<Front>,
    routes: Router,
    hub: Hub,
}

/// The body of an answer: of a page that is ready, or of whatever a handler says.
pub(crate) type AnswerBody = http_body_util::Either<Full<Bytes>, Body>;

impl Edge {
    /// Puts what every gateway has around its routes.
    pub(crate) fn around(
        routes: Router,
        settings: &GatewaySettings,
        manners: Manners,
        cross_origin: CrossOrigin,
        limits: Arc<RateLimits>,
        pages: Pages,
        hub: Hub,
    ) -> Self {
        let front = Front {
            pages,
            limits,
            gate: Arc::new(Gate::new(settings.client.as_ref(), manners)),
            measure: Arc::default(),
            trusted_proxies: settings.server.trusted_proxies,
        };
        Self {
            routes: layered(routes, settings, manners, cross_origin, &front),
            front: Arc::new(front),
            hub,
        }
    }

    /// Answers a request of a client at the other end of a connection, which counts as long as anything is left of it.
    pub(crate) fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: Peer,
        seat: &Arc<Seat>,
    ) -> impl Future<Output = Result<Response<AnswerBody>, Infallible>> + Send + use<> {
        if let Some(page) = self.front.answer(&request, peer) {
            return Either::Left(ready(Ok(page.map(AnswerBody::Left))));
        }
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(seat.clone());
        request.extensions_mut().insert(self.hub.clone());
        let answer = self.routes.clone().oneshot(request.map(Body::new));
        Either::Right(answer.map_ok(|answer| answer.map(AnswerBody::Right)))
    }
}

/// Puts the layers around the routes.
fn layered(
    routes: Router,
    settings: &GatewaySettings,
    manners: Manners,
    cross_origin: CrossOrigin,
    front: &Front,
) -> Router {
    let GatewaySettings {
        server, deprecated, ..
    } = settings;
    let layers = layers![
        // Gives the request its name and its deadline, and the answer the name.
        Arrival::of(server),
        // Counts and times the answer.
        front.measure.clone(),
        // Keeps the answer, where it is the same for everybody, and hands it out at the front from then on.
        front.pages.clone(),
        // Tells browsers to take no liberties with the answer.
        Security { https: server.https },
        // Says who may keep the answer.
        Caching {
            session_cookies: manners.session_cookies,
        },
        // Says where a write stands, and how old an answer of the past is.
        Freshness {
            cookies: !manners.session_cookies.is_empty(),
            https: server.https,
        },
        // Tells an error in the shape that its route has for errors.
        Reshape(manners),
        // Lets pages of other origins read the answer, be it a refusal of the layers below.
        cross_origin.readers.map(Readers),
        // Takes what nobody read of a body off the wire, so that the client gets to read the answer.
        Drain,
        // Refuses whoever asks too often.
        front.limits.clone(),
        // Says that a route is to go away, and counts who still calls it.
        Notices::new(deprecated),
        // Refuses clients that are too old.
        front.gate.clone(),
        // Answers 304 where the client has the answer already.
        Conditional,
        // Makes the answer smaller, whatever the client refuses.
        Acceptable,
        Compress::new(),
        // Gives the answer a tag to ask for it again by.
        Name,
        // Turns a panic into a 500 problem.
        CatchPanic,
        // Makes the idempotency key of a write known to its calls.
        Keys,
        // Turns an answer that does not come in time into a 504 problem, and stops the work on it.
        Deadline,
        // Refuses a head that is too large.
        LimitHead,
        // Refuses a body that is too large, before or while it is read.
        LimitBody {
            max_bytes: server.max_body_bytes,
            manners,
        },
        // Refuses changes that a page of another origin is behind.
        cross_origin.suspect.map(Forgeries),
    ];
    routes
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed)
        .layer(Stack::of(layers))
}

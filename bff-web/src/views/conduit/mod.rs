//! The Conduit contract, for front ends that know nothing of us: posts are its articles, likes its
//! favourites. Everything has Conduit's shapes, errors too.

mod article;
mod articles;
mod comments;
mod error;
mod input;
mod profiles;
mod tags;
mod users;

use axum::{Router, middleware::map_response, response::Response};
use bff_kit::{ApiError, openapi};
use http::{
    HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE, ETAG, LINK, RETRY_AFTER},
};
use tower_http::cors::CorsLayer;
use utoipa_axum::router::OpenApiRouter;

use self::error::ConduitError;
pub(super) use self::error::reshape;
use crate::{
    settings::{CorsSettings, Origin},
    web::Web,
};

/// The header fields that scripts of other origins may read.
const EXPOSED: [HeaderName; 8] = [
    ETAG,
    LINK,
    RETRY_AFTER,
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("sunset"),
    HeaderName::from_static("x-request-id"),
];

/// Its routes.
pub(super) fn routes(cors: &CorsSettings) -> OpenApiRouter<Web> {
    let routes = openapi::merge([
        users::routes(),    // /api/users, /api/users/login, /api/user
        profiles::routes(), // /api/profiles/{username}
        articles::routes(), // /api/articles, /api/articles/feed
        article::routes(),  // /api/articles/{slug}
        comments::routes(), // /api/articles/{slug}/comments
        tags::routes(),     // /api/tags
    ]);
    let document = routes.get_openapi().clone();
    // Has to come before the layers: they answer the preflights of methods that a route does not have.
    let routes = Router::from(routes)
        .method_not_allowed_fallback(async || ConduitError::from(ApiError::MethodNotAllowed))
        .layer(map_response(with_charset));
    let routes = match cors.origins.as_slice() {
        [] => routes,
        origins => routes.layer(cross_origin(origins)),
    };
    OpenApiRouter::with_openapi(document).merge(routes.into())
}

/// Whether this route is one of the contract.
pub(super) fn owns(route: &str) -> bool {
    const AREAS: [&str; 5] = ["articles", "profiles", "tags", "user", "users"];
    let mut names = route.split('/').skip(1);
    names.next() == Some("api") && names.next().is_some_and(|area| AREAS.contains(&area))
}

/// Lets pages of these origins call, with the token in a header; cookies are for our own pages.
fn cross_origin(origins: &[Origin]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.iter().map(Origin::header).collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers(EXPOSED)
}

async fn with_charset(mut response: Response) -> Response {
    if let Some(kind) = response.headers_mut().get_mut(CONTENT_TYPE)
        && kind == "application/json"
    {
        *kind = HeaderValue::from_static("application/json; charset=utf-8");
    }
    response
}

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
    request::Parts,
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa_axum::router::OpenApiRouter;

use self::error::ConduitError;
pub(super) use self::error::reshape;
use crate::{settings::Origin, web::Web};

/// The header fields that scripts of other origins may read.
const EXPOSED: [HeaderName; 10] = [
    ETAG,
    LINK,
    RETRY_AFTER,
    HeaderName::from_static("change-position"),
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("sunset"),
    HeaderName::from_static("x-request-id"),
];

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<Web> {
    let routes = openapi::merge([
        users::routes(),    // /api/users, /api/users/login, /api/user
        profiles::routes(), // /api/profiles/{username}
        articles::routes(), // /api/articles, /api/articles/feed
        article::routes(),  // /api/articles/{slug}
        comments::routes(), // /api/articles/{slug}/comments
        tags::routes(),     // /api/tags
    ]);
    let document = routes.get_openapi().clone();
    let routes = Router::from(routes)
        .method_not_allowed_fallback(async || ConduitError::from(ApiError::MethodNotAllowed))
        .layer(map_response(with_charset));
    OpenApiRouter::with_openapi(document).merge(routes.into())
}

/// Whether this route, or path, is one of the contract.
pub(super) fn owns(path: &str) -> bool {
    const AREAS: [&str; 5] = ["articles", "profiles", "tags", "user", "users"];
    let mut names = path.split('/').skip(1);
    names.next() == Some("api") && names.next().is_some_and(|area| AREAS.contains(&area))
}

/// Lets pages of these origins call its routes, with the token in a header; cookies are for our own pages.
pub(super) fn cross_origin(origins: Vec<Origin>) -> CorsLayer {
    let allowed = move |origin: &HeaderValue, request: &Parts| {
        owns(request.uri.path()) && origins.iter().any(|allowed| allowed == origin)
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("change-position"),
            HeaderName::from_static("idempotency-key"),
        ])
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

//! The table of contents: every screen of the web app and every area of the Conduit contract.

mod book_page;
mod books;
mod checkout;
mod conduit;
mod events;
mod home;
mod order;
mod orders;
mod post_page;
mod profile;
mod sessions;

use axum::response::Response;
use bff_kit::{ApiError, CrossOrigin, openapi};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    session::{self, Guard, SessionCookie},
    settings::Settings,
    web::Web,
};

/// All routes of this gateway.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    openapi::merge([
        conduit::routes(),   // /api/users, /api/user, /api/profiles, /api/articles, /api/tags
        session::routes(),   // /api/session
        sessions::routes(),  // /api/sessions
        home::routes(),      // /api/views/home
        books::routes(),     // /api/views/books
        book_page::routes(), // /api/views/books/{id}
        checkout::routes(),  // /api/views/checkout
        orders::routes(),    // /api/views/orders, /api/orders
        order::routes(),     // /api/orders/{id}
        post_page::routes(), // /api/views/posts/{slug}
        profile::routes(),   // /api/views/profiles/{username}
        events::routes(),    // /api/events
    ])
}

/// Pages of the origins in the settings may call the routes of the Conduit contract; none may use the cookie.
pub(crate) fn cross_origin(settings: &Settings) -> CrossOrigin {
    let origins = &settings.cors.origins;
    let cookie = SessionCookie::new(settings.gateway.server.https);
    let guard = Guard::new(cookie, settings.conduit.tokens);
    CrossOrigin {
        readers: (!origins.is_empty()).then(|| conduit::cross_origin(origins.clone())),
        suspect: Some(Box::new(move |request| guard.suspects(request))),
    }
}

/// An error in the shape that its route has for errors.
pub(crate) fn reshape(route: &str, error: &ApiError, problem: Response) -> Response {
    match conduit::owns(route) {
        true => conduit::reshape(error, problem),
        false => problem,
    }
}

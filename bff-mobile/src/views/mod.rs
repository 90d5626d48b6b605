//! The table of contents: every screen of the app, and what it is made of.
//!
//! What is not there is left out of an answer rather than sent as null: every byte counts on a slow network.

mod book_page;
mod books;
mod comments;
mod config;
mod follow;
mod home;
mod like;
mod me;
mod order_page;
mod orders;
mod post_body;
mod post_page;
mod posts;
mod sessions;
mod sync;
mod users;

use bff_kit::openapi;
use utoipa_axum::router::OpenApiRouter;

use crate::{core::Core, session, settings::Settings};

/// All routes of this gateway.
pub(crate) fn routes(settings: &Settings) -> OpenApiRouter<Core> {
    openapi::merge([
        config::routes(settings.gateway.client.as_ref()), // /config
        session::routes(),                                // /v1/auth/login, /v1/auth/refresh, /v1/auth/logout
        sessions::routes(),                               // /v1/sessions
        users::routes(),                                  // /v1/users
        me::routes(),                                     // /v1/me
        home::routes(),                                   // /v1/home
        sync::routes(),                                   // /v1/sync
        posts::routes(),                                  // /v1/posts
        post_page::routes(),                              // /v1/posts/{slug}
        post_body::routes(),                              // /v1/posts/{slug}/body
        comments::routes(),                               // /v1/posts/{slug}/comments
        like::routes(),                                   // /v1/posts/{slug}/like
        books::routes(),                                  // /v1/books
        book_page::routes(),                              // /v1/books/{id}
        orders::routes(),                                 // /v1/orders
        order_page::routes(),                             // /v1/orders/{id}
        follow::routes(),                                 // /v1/profiles/{username}/follow
    ])
}

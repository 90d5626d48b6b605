//! The table of contents: every screen of the back office, and what it is made of.

mod book;
mod books;
mod comments;
mod config;
mod events;
mod export;
mod import;
mod moderation;
mod moderations;
mod order;
mod orders;
mod posts;
mod sessions;
mod sync;
mod workspace;

use bff_kit::openapi;
use utoipa_axum::router::OpenApiRouter;

use crate::{core::Core, session, settings::Settings};

/// All routes of this gateway.
pub(crate) fn routes(settings: &Settings) -> OpenApiRouter<Core> {
    openapi::merge([
        config::routes(settings.gateway.client.as_ref()), // /config
        session::routes(),                                // /v1/auth
        sessions::routes(),                               // /v1/sessions
        workspace::routes(),                              // /v1/workspace
        books::routes(),                                  // /v1/books
        book::routes(),                                   // /v1/books/{id}
        import::routes(settings.files),                   // /v1/books/import
        export::routes(settings.files),                   // /v1/books/export
        orders::routes(),                                 // /v1/orders
        order::routes(),                                  // /v1/orders/{id}
        moderation::routes(),                             // /v1/moderation
        posts::routes(),                                  // /v1/posts, /v1/posts/{slug}
        comments::routes(),                               // /v1/comments
        moderations::routes(),                            // /v1/moderations
        events::routes(),                                 // /v1/events
        sync::routes(settings.files),                     // /v1/sync
    ])
}

//! The table of contents: every screen of the web app and every area of the Conduit contract.

mod book_page;
mod conduit;
mod home;
mod sessions;

use bff_kit::openapi;
use utoipa_axum::router::OpenApiRouter;

use crate::{session, settings::Settings, web::Web};

/// All routes of this gateway.
pub(crate) fn routes(settings: &Settings) -> OpenApiRouter<Web> {
    openapi::merge([
        conduit::routes(&settings.cors), // /api/users, /api/user, /api/profiles, /api/articles, /api/tags
        session::routes(),               // /api/session
        sessions::routes(),              // /api/sessions
        home::routes(),                  // /api/views/home
        book_page::routes(),             // /api/views/books/{id}
    ])
}

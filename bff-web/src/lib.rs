//! The gateway of the web client: whole screens for a browser, and the Conduit contract for the front
//! ends of others.
//!
//! Knows its screens and no business. `views` is the table of contents.

mod app;
mod core;
mod library;
mod parts;
mod session;
mod settings;
mod views;
mod web;

use bff_kit::{Gateway, Manners, openapi::About};

pub use settings::{AppSettings, ConduitSettings, CorsSettings, OpenLibrarySettings, Settings};

/// The gateway.
pub const GATEWAY: Gateway<Settings> = Gateway {
    about: About {
        title: "bff-web",
        version: env!("CARGO_PKG_VERSION"),
        description: "Triptych for the web app: whole screens, a cookie session, and the Conduit contract under /api.",
        tags: &[
            ("screens", "Whole screens, each in one answer."),
            ("orders", "Buying books, and what became of it."),
            ("live", "Being told of what is written, as it is written."),
            ("session", "Signing in with a cookie, and where one is signed in."),
            (
                "conduit",
                "The Conduit contract, for front ends that know nothing of us; its errors have the shape of that contract.",
            ),
        ],
        examples: include_str!("../examples.json"),
    },
    settings: include_str!("../settings.toml"),
    manners: Manners {
        session_cookies: &session::COOKIES,
        uploads: &[],
        open_to_old_clients: &[],
        reshape: views::reshape,
    },
    routes: |settings, channel| Ok(views::routes().with_state(web::Web::new(settings, channel)?)),
    cross_origin: views::cross_origin,
    pages: |settings| app::pages(&settings.app),
};

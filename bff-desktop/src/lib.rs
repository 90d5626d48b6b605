//! The gateway of the desktop client: the back office of the shop's staff.
//!
//! Knows its screens and no business. `views` is the table of contents.

mod core;
mod parts;
mod session;
mod settings;
mod views;

use bff_kit::{CrossOrigin, Gateway, Manners, openapi::About};

pub use settings::{FileSettings, Settings};

/// The gateway.
pub const GATEWAY: Gateway<Settings> = Gateway {
    about: About {
        title: "bff-desktop",
        version: env!("CARGO_PKG_VERSION"),
        description: "Triptych for the staff's desktop app: the back office. Everything but the login needs a token.",
        tags: &[
            ("config", "Which versions of the app are served."),
            ("session", "Signing in on a computer, and where one is signed in."),
            ("screens", "The desks of the staff, each in one answer."),
            (
                "books",
                "The catalogue: looking, adding, changing, taking away; whole files in and out.",
            ),
            ("orders", "What readers bought, and the steps that it takes."),
            ("live", "Being told of what is written, as it is written."),
            ("moderation", "What readers wrote, and taking it away."),
        ],
        examples: include_str!("../examples.json"),
    },
    settings: include_str!("../settings.toml"),
    manners: Manners {
        uploads: &["/v1/books/import"],
        open_to_old_clients: &["/v1/auth/logout", "/v1/auth/refresh"],
        ..Manners::PLAIN
    },
    routes: |settings, channel| Ok(views::routes(settings).with_state(core::Core::new(channel))),
    cross_origin: |_| CrossOrigin::default(),
    pages: |_| Ok(None),
};

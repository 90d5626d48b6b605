//! The gateway of the mobile client: light screens for slow networks.
//!
//! Knows its screens and no business. `views` is the table of contents.

mod core;
mod parts;
mod session;
mod settings;
mod views;

use bff_kit::{CrossOrigin, Gateway, Manners, openapi::About};

pub use settings::Settings;

/// The gateway.
pub const GATEWAY: Gateway<Settings> = Gateway {
    about: About {
        title: "bff-mobile",
        version: env!("CARGO_PKG_VERSION"),
        description: "Triptych for the mobile app: light screens, cursor pages, a bearer token.",
        tags: &[
            ("config", "Which versions of the app are served."),
            ("session", "Signing in on a phone, and where one is signed in."),
            ("screens", "Light screens and the lists behind them."),
            ("writes", "Comments, likes, follows and one's own account."),
            ("orders", "Buying books, and what became of it."),
            ("live", "Catching up with what was written meanwhile."),
        ],
        examples: include_str!("../examples.json"),
    },
    settings: include_str!("../settings.toml"),
    manners: Manners {
        open_to_old_clients: &["/v1/auth/logout", "/v1/auth/refresh"],
        ..Manners::PLAIN
    },
    routes: |settings, channel| Ok(views::routes(settings).with_state(core::Core::new(channel))),
    cross_origin: |_| CrossOrigin::default(),
    pages: |_| Ok(None),
};

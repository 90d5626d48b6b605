//! The gateway of the desktop client: the back office of the shop's staff.
//!
//! Knows its screens and no business. `views` is the table of contents.

mod core;
mod parts;
mod session;
mod settings;
mod views;

use bff_kit::{Gateway, openapi::About};

pub use settings::Settings;

/// The gateway.
pub const GATEWAY: Gateway<Settings> = Gateway {
    about: About {
        title: "bff-desktop",
        version: env!("CARGO_PKG_VERSION"),
        description: "Triptych for the staff's desktop app: the back office. Everything but the login needs a token.",
    },
    settings: include_str!("../settings.toml"),
    routes: |_, channel| views::routes().with_state(core::Core::new(channel)),
};

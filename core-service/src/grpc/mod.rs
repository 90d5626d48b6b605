//! The controllers: a message in, a service's answer out as a message. No rule lives here.

mod auth;
mod books;
mod convert;
mod observe;
mod posts;
mod server;
mod sessions;
mod status;
mod users;

pub use server::serve;

//! The controllers: a message in, a service's answer out as a message. No rule lives here.

pub mod access;
mod batch;
mod book_streams;
mod books;
mod changes;
mod convert;
mod depends;
mod gateways;
mod moderation;
mod observe;
mod orders;
mod posts;
mod server;
mod sessions;
mod status;
mod tls;
mod users;
mod write;

pub use server::serve;

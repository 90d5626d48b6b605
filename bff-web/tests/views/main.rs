//! The screens over HTTP, with a fake core behind them.

mod app;
mod book_page;
mod books;
mod checkout;
mod conduit;
mod conduit_input;
mod cors;
mod csrf;
mod document;
mod events;
mod harness;
mod home;
mod library;
mod orders;
mod post_page;
mod profile;
mod refusals;
mod session;

//! The screens over HTTP, with a fake core behind them.

mod book_page;
mod conduit;
mod conduit_input;
mod cors;
mod document;
mod harness;
mod home;
mod session;

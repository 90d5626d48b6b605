//! The screens over HTTP, with a fake core behind them.

mod book_page;
mod books;
mod comments;
mod config;
mod document;
mod harness;
mod home;
mod me;
mod orders;
mod post_page;
mod posts;
mod rate_limit;
mod session;
mod sync;
mod writes;

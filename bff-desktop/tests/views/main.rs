//! The screens over HTTP, with a fake core behind them.

mod access;
mod books;
mod changes;
mod config;
mod document;
mod events;
mod exports;
mod harness;
mod imports;
mod moderation;
mod orders;
mod session;
mod sync;
mod workspace;

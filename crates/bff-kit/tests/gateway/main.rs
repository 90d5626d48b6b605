//! The machinery as clients meet it: a small gateway on a port of its own.

mod caching;
mod clients;
mod core;
mod edge;
mod harness;
mod input;
mod kept;
mod limits;
mod rate_limit;
mod server;

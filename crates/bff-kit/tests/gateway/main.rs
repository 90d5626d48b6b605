//! The machinery as clients meet it: a small gateway on a port of its own.

mod core;
mod edge;
mod harness;
mod input;
mod server;

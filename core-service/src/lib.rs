//! The business of the bookshop with its reading room, served over gRPC.
//!
//! A request goes down through the layers, one job each:
//! [`grpc`] (message in, message out) → [`validators`] (raw input into a type that cannot be wrong) →
//! [`services`] (rules, authorization, transactions) → [`repositories`] (every query) → [`models`] (rows).

pub mod book_files;
pub mod changes;
pub mod cli;
pub mod database;
pub mod error;
pub mod grpc;
pub mod models;
pub mod repositories;
pub mod seeds;
pub mod services;
pub mod settings;
pub mod validators;

//! What every gateway does in the same way, whatever its client sees: the edge server, the problem
//! answers, calls to the core within a deadline, services of others beside it, sections that can go
//! missing, input that is checked against its documented schema.
//!
//! This crate knows no message of the contract: gateways share how they behave, never what they mean.

// The layers of the edge are one type, nested as deep as there are layers.
#![recursion_limit = "256"]

pub mod auth;
pub mod core;
pub mod edge;
pub mod error;
pub mod events;

mod flights;
pub mod input;
pub mod manners;
pub mod openapi;
pub mod page;
pub mod rendered;
pub mod run;
pub mod sections;
pub mod server;
pub mod settings;
pub mod timestamp;
pub mod upstream;
pub mod version;

pub use crate::{
    auth::Viewer,
    core::CoreChannel,
    edge::CrossOrigin,
    error::{ApiError, ApiResult},
    input::{Body, Path, Query, Upload},
    manners::Manners,
    rendered::Rendered,
    run::{Gateway, run},
    sections::{Aged, Sections, View},
    settings::GatewaySettings,
    timestamp::Timestamp,
};

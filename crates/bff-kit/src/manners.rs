//! What the edge has to know about a gateway's clients to treat them well.

use axum::response::Response;

use crate::error::ApiError;

/// What the edge has to know about a gateway's clients.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// The cookies that can hold a session's token; none where clients send it in a header.
    pub session_cookies: &'static [&'static str],
    /// The routes whose body is a file: they take it with [`Upload`](crate::Upload), which has a limit of its own.
    pub uploads: &'static [&'static str],
    /// The routes that a client may call however old it is, such as signing out.
    pub open_to_old_clients: &'static [&'static str],
    /// Tells an error in another shape than that of a problem, for the routes that have one: gets the
    /// route, the error and the problem.
    pub reshape: fn(&str, &ApiError, Response) -> Response,
}

impl Manners {
    /// Tokens in headers, and a problem for every error.
    pub const PLAIN: Self = Self {
        session_cookies: &[],
        uploads: &[],
        open_to_old_clients: &[],
        reshape: |_, _, problem| problem,
    };
}

//! Who is calling, and what they may do.

pub use crate::models::user::Role;

/// Somebody whose session is alive.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// The user.
    pub user_id: i64,
    /// What the user may do.
    pub role: Role,
    /// The session that the call came with.
    pub session_id: i64,
}

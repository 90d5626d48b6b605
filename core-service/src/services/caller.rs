//! Who is calling, and what they may do.

use crate::error::{Error, Resource, Result};
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

impl Caller {
    /// Refuses callers who are not at least of this role.
    pub fn must_be(&self, role: Role, to_change: Resource) -> Result<()> {
        if self.role >= role {
            Ok(())
        } else {
            Err(Error::Forbidden(to_change))
        }
    }
}

//! Who follows whom.

use super::caller::Caller;
use crate::database::Database;
use crate::error::{Error, Resource, Result};
use crate::repositories::{follows, users};

/// Follows, each by its follower only.
#[derive(Clone, Debug)]
pub struct Follows {
    db: Database,
}

impl Follows {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// The caller follows somebody; repeating it is harmless.
    pub async fn follow(&self, caller: Caller, username: String) -> Result<()> {
        self.db
            .write(move |tx| async move {
                let followee = users::find_id_by_username(&*tx, &username).await?;
                let followee = followee.ok_or(Error::NotFound(Resource::User))?;
                if followee == caller.user_id {
                    return Err(Error::invalid("username", "can't be your own"));
                }
                follows::insert(&*tx, caller.user_id, followee).await
            })
            .await
    }

    /// The caller no longer follows somebody; repeating it is harmless.
    pub async fn unfollow(&self, caller: Caller, username: String) -> Result<()> {
        self.db
            .write(move |tx| async move {
                let followee = users::find_id_by_username(&*tx, &username).await?;
                follows::delete(
                    &*tx,
                    caller.user_id,
                    followee.ok_or(Error::NotFound(Resource::User))?,
                )
                .await
            })
            .await
    }

    /// Of each of these users, whether the caller follows them.
    pub async fn states(&self, caller: Caller, user_ids: &[i64]) -> Result<Vec<(i64, bool)>> {
        if user_ids.is_empty() {
            return Ok(Vec::new());
        }
        let followed = follows::list_followed(self.db.read(), caller.user_id, user_ids).await?;
        Ok(user_ids.iter().map(|id| (*id, followed.contains(id))).collect())
    }
}

//! Who follows whom.

use super::caller::Caller;
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::fields::Fields;
use crate::models::user::{UserField, UserRow};
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

    /// Of each of these users, whether the caller follows them.
    pub async fn states(&self, caller: Caller, user_ids: &[i64]) -> Result<Vec<(i64, bool)>> {
        if user_ids.is_empty() {
            return Ok(Vec::new());
        }
        let followed = follows::list_followed(self.db.read(), caller.user_id, user_ids).await?;
        Ok(user_ids.iter().map(|id| (*id, followed.contains(id))).collect())
    }
}

/// The caller follows somebody; repeating it is harmless. Whom.
pub async fn follow(
    tx: &Transaction,
    caller: Caller,
    username: String,
    wanted: Fields<UserField>,
) -> Result<UserRow> {
    let followee = named(tx, username, wanted).await?;
    if followee.id == caller.user_id {
        return Err(Error::invalid("username", "can't be your own"));
    }
    follows::insert(&**tx, caller.user_id, followee.id).await?;
    Ok(followee)
}

/// The caller no longer follows somebody; repeating it is harmless. Whom.
pub async fn unfollow(
    tx: &Transaction,
    caller: Caller,
    username: String,
    wanted: Fields<UserField>,
) -> Result<UserRow> {
    let followee = named(tx, username, wanted).await?;
    follows::delete(&**tx, caller.user_id, followee.id).await?;
    Ok(followee)
}

async fn named(tx: &Transaction, username: String, wanted: Fields<UserField>) -> Result<UserRow> {
    let found = users::list_by_keys(&**tx, Vec::new(), vec![username], wanted).await?;
    found.into_iter().next().ok_or(Error::NotFound(Resource::User))
}

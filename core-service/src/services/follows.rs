//! Who follows whom.

use super::caller::Caller;
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::fields::Fields;
use crate::models::user::{UserField, UserRow};
use crate::repositories::{changes, follows, users};

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
    if follows::insert(&**tx, caller.user_id, followee.id).await? {
        tell(tx, caller, followee.id, Operation::Created).await?;
    }
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
    if follows::delete(&**tx, caller.user_id, followee.id).await? {
        tell(tx, caller, followee.id, Operation::Deleted).await?;
    }
    Ok(followee)
}

/// Tells the caller of whom they follow.
async fn tell(tx: &Transaction, caller: Caller, followee_id: i64, operation: Operation) -> Result<()> {
    let change = NewChange::own(Kind::Follow, followee_id, operation, caller.user_id);
    changes::insert(&**tx, vec![change]).await
}

async fn named(tx: &Transaction, username: String, wanted: Fields<UserField>) -> Result<UserRow> {
    let found = users::list_by_keys(&**tx, Vec::new(), vec![username], wanted).await?;
    found.into_iter().next().ok_or(Error::NotFound(Resource::User))
}

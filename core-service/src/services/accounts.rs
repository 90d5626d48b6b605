//! One's own account.

use sea_orm::{IntoActiveModel, Set};

use super::caller::{Caller, Role};
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::user;
use crate::repositories::{sessions, users};
use crate::validators::users::{AccountChanges, NewAccount};

/// Accounts, each for its owner only.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Database,
}

impl Accounts {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// The caller's own account.
    pub async fn get(&self, caller: Caller) -> Result<user::Model> {
        users::find_own(self.db.read(), caller.user_id)
            .await?
            .ok_or(Error::NotFound(Resource::User))
    }
}

/// Makes an account. Nothing that comes over the network leads here with another role than a reader's.
pub async fn register(
    tx: &Transaction,
    account: NewAccount,
    password_hash: String,
    role: Role,
) -> Result<user::Model> {
    let row = user::ActiveModel {
        username: Set(account.username),
        name: Set(account.name),
        email: Set(account.email),
        password_hash: Set(password_hash),
        role: Set(role),
        ..Default::default()
    };
    users::insert(&**tx, row).await
}

/// Changes the caller's own account. A new password ends all other sessions.
pub async fn update(
    tx: &Transaction,
    caller: Caller,
    changes: AccountChanges,
    password_hash: Option<String>,
) -> Result<user::Model> {
    let own = users::find_own(&**tx, caller.user_id).await?;
    let mut row = own.ok_or(Error::NotFound(Resource::User))?.into_active_model();
    row.username = changes.username.map_or(row.username, Set);
    row.email = changes.email.map_or(row.email, Set);
    row.name = changes.name.map_or(row.name, Set);
    row.bio = changes.bio.map_or(row.bio, Set);
    row.image = changes.image.map_or(row.image, Set);
    if let Some(password_hash) = password_hash {
        row.password_hash = Set(password_hash);
        // Whoever knew the old password is out.
        sessions::revoke_others(&**tx, caller.user_id, caller.session_id).await?;
    }
    users::update_own(&**tx, row).await
}

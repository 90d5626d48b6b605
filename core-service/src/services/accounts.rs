//! One's own account.

use sea_orm::{IntoActiveModel, Set};

use super::caller::{Caller, Role};
use super::passwords::Passwords;
use crate::database::Database;
use crate::error::{Error, Resource, Result};
use crate::models::user;
use crate::repositories::users;
use crate::validators::users::{AccountChanges, NewAccount};

/// Accounts, each for its owner only.
#[derive(Clone, Debug)]
pub struct Accounts {
    db: Database,
    passwords: Passwords,
}

impl Accounts {
    pub(super) fn new(db: Database, passwords: Passwords) -> Self {
        Self { db, passwords }
    }

    /// The caller's own account.
    pub async fn get(&self, caller: Caller) -> Result<user::Model> {
        users::find_own(self.db.read(), caller.user_id)
            .await?
            .ok_or(Error::NotFound(Resource::User))
    }

    /// Makes an account for a reader.
    pub async fn register(&self, account: NewAccount) -> Result<user::Model> {
        self.register_as(account, Role::Reader).await
    }

    /// Makes an account of any role; nothing that comes over the network leads here with another role
    /// than a reader's.
    pub async fn register_as(&self, account: NewAccount, role: Role) -> Result<user::Model> {
        let password_hash = self.passwords.hash(account.password).await?;
        let row = user::ActiveModel {
            username: Set(account.username),
            name: Set(account.name),
            email: Set(account.email),
            password_hash: Set(password_hash),
            role: Set(role),
            ..Default::default()
        };
        self.db
            .write(|tx| async move { users::insert(&*tx, row).await })
            .await
    }

    /// Changes the caller's own account.
    pub async fn update(&self, caller: Caller, changes: AccountChanges) -> Result<user::Model> {
        let password_hash = match changes.password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        self.db
            .write(move |tx| async move {
                let own = users::find_own(&*tx, caller.user_id).await?;
                let mut row = own.ok_or(Error::NotFound(Resource::User))?.into_active_model();
                row.username = changes.username.map_or(row.username, Set);
                row.email = changes.email.map_or(row.email, Set);
                row.name = changes.name.map_or(row.name, Set);
                row.bio = changes.bio.map_or(row.bio, Set);
                row.image = changes.image.map_or(row.image, Set);
                row.password_hash = password_hash.map_or(row.password_hash, Set);
                users::update_own(&*tx, row).await
            })
            .await
    }
}

//! One's own account.

use sea_orm::{IntoActiveModel, Set};

use super::caller::{Caller, Role};
use super::sessions::ended;
use crate::database::{Database, Transaction};
use crate::error::{Error, Resource, Result};
use crate::models::change::{Kind, NewChange, Operation};
use crate::models::user;
use crate::repositories::{self, sessions, users};
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
    let account = users::insert(&**tx, row).await?;
    tell_of_newcomer(tx, &account).await?;
    Ok(account)
}

/// Tells everybody of somebody who is new.
pub(super) async fn tell_of_newcomer(tx: &Transaction, account: &user::Model) -> Result<()> {
    let change = NewChange::public(Kind::User, account.id, Operation::Created).named(&account.username);
    repositories::changes::insert(&**tx, vec![change]).await
}

/// Changes the caller's own account. A new password ends all other sessions.
pub async fn update(
    tx: &Transaction,
    caller: Caller,
    changes: AccountChanges,
    password_hash: Option<String>,
) -> Result<user::Model> {
    let own = users::find_own(&**tx, caller.user_id).await?;
    let is_public = changes_profile(&changes);
    let mut row = own.ok_or(Error::NotFound(Resource::User))?.into_active_model();
    row.username = changes.username.map_or(row.username, Set);
    row.email = changes.email.map_or(row.email, Set);
    row.name = changes.name.map_or(row.name, Set);
    row.bio = changes.bio.map_or(row.bio, Set);
    row.image = changes.image.map_or(row.image, Set);
    let mut told = Vec::new();
    if let Some(password_hash) = password_hash {
        row.password_hash = Set(password_hash);
        // Whoever knew the old password is out.
        let others = sessions::revoke_others(&**tx, caller.user_id, caller.session_id).await?;
        told.extend(others.into_iter().map(|id| ended(id, caller.user_id)));
    }
    let account = users::update_own(&**tx, row).await?;
    let (id, updated) = (account.id, Operation::Updated);
    if is_public {
        told.push(NewChange::public(Kind::User, id, updated).named(&account.username));
    }
    told.push(NewChange::own(Kind::Account, id, updated, id));
    repositories::changes::insert(&**tx, told).await?;
    Ok(account)
}

/// Says what the owner of an address may do. The account, and what it could do before; nothing where there is none.
///
/// For whoever has the database in hand: nothing that comes over the network leads here. Whoever may do less than before
/// is signed out everywhere, so that nothing that was opened with the old role goes on.
pub async fn grant(tx: &Transaction, email: &str, role: Role) -> Result<Option<(user::Model, Role)>> {
    let Some(account) = users::find_by_email(&**tx, email).await? else {
        return Ok(None);
    };
    let (id, before) = (account.id, account.role);
    if role == before {
        return Ok(Some((account, before)));
    }
    let mut told = vec![NewChange::own(Kind::Account, id, Operation::Updated, id)];
    if role < before {
        let all = sessions::revoke_all(&**tx, id).await?;
        told.extend(all.into_iter().map(|session| ended(session, id)));
    }
    let mut row = account.into_active_model();
    row.role = Set(role);
    let account = users::update_own(&**tx, row).await?;
    repositories::changes::insert(&**tx, told).await?;
    Ok(Some((account, before)))
}

/// Whether there is something in it that everybody may see.
fn changes_profile(changes: &AccountChanges) -> bool {
    changes.username.is_some() || changes.name.is_some() || changes.bio.is_some() || changes.image.is_some()
}

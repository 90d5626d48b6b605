//! Whose account it is that the provider vouches for.

use sea_orm::Set;
use serde::{Deserialize, Deserializer};

use super::super::accounts::tell_of_newcomer;
use super::super::caller::Role;
use super::refused;
use crate::database::Transaction;
use crate::error::{Error, Resource, Result};
use crate::models::session::Client;
use crate::models::user;
use crate::repositories::{identities, users};
use crate::validators::users::VouchedAccount;

/// Somebody whom a provider vouches for.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// The provider.
    pub(super) issuer: String,
    /// What it calls the person, for ever.
    pub(super) subject: String,
    /// What it says of the person.
    pub(super) profile: Profile,
}

/// What a provider says of somebody; each may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Profile {
    pub(super) email: Option<String>,
    #[serde(default, deserialize_with = "truth")]
    email_verified: bool,
    preferred_username: Option<String>,
    name: Option<String>,
}

/// Some providers write `"true"`.
fn truth<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value == true || value == "true")
}

/// The account that an identity leads to. Of somebody who comes for the first time, the account that has their address,
/// where that is allowed; otherwise a new one, but not at a desktop, which has no newcomers.
pub(super) async fn find_or_make(
    tx: &Transaction,
    person: &Person,
    gateway: Client,
    link_by_email: bool,
) -> Result<user::Model> {
    if let Some(user_id) = identities::find_user_id(&**tx, &person.issuer, &person.subject).await? {
        let account = users::find_own(&**tx, user_id).await?;
        return account.ok_or_else(|| refused("the account was taken away"));
    }
    let profile = &person.profile;
    let email = profile.email.clone().unwrap_or_default();
    let namesake = users::find_by_email(&**tx, &email).await?;
    let account = match namesake {
        Some(account) if link_by_email && profile.email_verified => account,
        _ if gateway == Client::Desktop => return Err(Error::Forbidden(Resource::Session)),
        Some(_) => return Err(Error::Taken("email")),
        None => make(tx, profile, email).await?,
    };
    identities::insert(&**tx, account.id, &person.issuer, &person.subject).await?;
    tracing::info!(user_id = account.id, "an identity is linked");
    Ok(account)
}

/// A reader's account without a password.
async fn make(tx: &Transaction, profile: &Profile, email: String) -> Result<user::Model> {
    let username = profile.preferred_username.as_deref().unwrap_or_default();
    let name = profile.name.as_deref().unwrap_or_default();
    let mut account = VouchedAccount::parse(username, email, name)?;
    if users::has_username(&**tx, &account.username).await? {
        // As good as nobody else's; where it is not, the next try has another one.
        account.username = account.with_number(rand::random_range(1_000..1_000_000));
    }
    let row = user::ActiveModel {
        username: Set(account.username),
        name: Set(account.name),
        email: Set(account.email),
        password_hash: Set(String::new()),
        role: Set(Role::Reader),
        ..Default::default()
    };
    let account = users::insert(&**tx, row).await?;
    tell_of_newcomer(tx, &account).await?;
    Ok(account)
}

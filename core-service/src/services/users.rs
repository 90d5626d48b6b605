//! Public profiles.

use super::{Key, in_order_of};
use crate::database::Database;
use crate::error::{Error, Resource, Result};
use crate::models::case_key;
use crate::models::fields::Fields;
use crate::models::user::{UserField, UserRow};
use crate::repositories::users;

/// What everybody may know of users.
#[derive(Clone, Debug)]
pub struct Users {
    db: Database,
}

impl Users {
    pub(super) fn new(db: Database) -> Self {
        Self { db }
    }

    /// One profile.
    pub async fn get(&self, key: Key, wanted: Fields<UserField>) -> Result<UserRow> {
        let found = self.batch_get(&[key], wanted).await?.pop();
        found.ok_or(Error::NotFound(Resource::User))
    }

    /// The profiles that exist, in the order of their keys.
    pub async fn batch_get(&self, keys: &[Key], wanted: Fields<UserField>) -> Result<Vec<UserRow>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let (ids, names) = Key::split(keys);
        let found = users::list_by_keys(self.db.read(), ids, names, wanted).await?;
        Ok(in_order_of(keys, found, |user, key| match key {
            Key::Id(id) => user.id == *id,
            Key::Name(name) => user.username_key == case_key(name),
        }))
    }
}

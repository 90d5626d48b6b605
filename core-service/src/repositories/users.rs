//! Users.

use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Value};

use super::hot::{HotRead, padded, param, params, select_wanted};
use crate::error::Result;
use crate::models::SoftDelete;
use crate::models::case_key;
use crate::models::fields::Fields;
use crate::models::user::{self, Column, Entity, UserField, UserRow};

const COLUMNS: [(UserField, Column); 4] = [
    (UserField::Username, Column::Username),
    (UserField::Name, Column::Name),
    (UserField::Bio, Column::Bio),
    (UserField::Image, Column::Image),
];

/// The shape of a read of users: how many ids, how many names, which fields.
static BY_KEYS: HotRead<(usize, usize, u32)> = HotRead::new();

/// The public parts of the users with these numbers or names, in no order.
pub async fn list_by_keys(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
    usernames: Vec<String>,
    wanted: Fields<UserField>,
) -> Result<Vec<UserRow>> {
    let ids = padded(ids);
    let keys = padded(usernames.iter().map(|name| case_key(name)).collect());
    let shape = (ids.len(), keys.len(), wanted.bits());
    let values = ids
        .into_iter()
        .map(Value::from)
        .chain(keys.into_iter().map(Value::from))
        .collect();
    BY_KEYS
        .all(db, shape, values, |&(ids, keys, _), _| {
            let mut select = Query::select();
            select
                .from(Entity)
                .columns([(Entity, Column::Id), (Entity, Column::UsernameKey)]);
            select_wanted(&mut select, Entity, wanted, &COLUMNS);
            let by_id = Column::Id.into_expr().is_in(params(1, ids));
            let by_name = Column::UsernameKey.into_expr().is_in(params(1 + ids, keys));
            let chosen = match (ids, keys) {
                (_, 0) => by_id,
                (0, _) => by_name,
                _ => by_id.or(by_name),
            };
            select
                .and_where(Column::DeletedAt.is_null())
                .and_where(chosen)
                .take()
        })
        .await
}

/// The number of the user with this name.
pub async fn find_id_by_username(db: &impl ConnectionTrait, username: &str) -> Result<Option<i64>> {
    let found = list_by_keys(db, Vec::new(), vec![username.to_owned()], Fields::NONE).await?;
    Ok(found.first().map(|row| row.id))
}

/// One's own account.
pub async fn find_own(db: &impl ConnectionTrait, user_id: i64) -> Result<Option<user::Model>> {
    Ok(Entity::live().filter(Column::Id.eq(user_id)).one(db).await?)
}

/// The account with this e-mail address; for signing in only.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<user::Model>> {
    let key = case_key(email);
    if key.is_empty() {
        return Ok(None);
    }
    Ok(Entity::live().filter(Column::EmailKey.eq(key)).one(db).await?)
}

/// Some addresses that begin like this one, for whoever keeps the shop and has mistyped it.
pub async fn list_emails_like(db: &impl ConnectionTrait, email: &str) -> Result<Vec<String>> {
    const SAME: usize = 2;
    const AT_MOST: u64 = 1_000;
    let start: String = case_key(email).chars().take(SAME).collect();
    let like = Entity::live()
        .select_only()
        .column(Column::Email)
        .filter(Column::EmailKey.starts_with(start))
        .filter(Column::Email.ne(""))
        .limit(AT_MOST);
    Ok(like.into_tuple().all(db).await?)
}

/// Whether somebody has this name, or had it.
pub async fn has_username(db: &impl ConnectionTrait, username: &str) -> Result<bool> {
    let found = Entity::find().filter(Column::UsernameKey.eq(case_key(username)));
    Ok(found.one(db).await?.is_some())
}

/// Adds an account.
pub async fn insert(db: &impl ConnectionTrait, account: user::ActiveModel) -> Result<user::Model> {
    Ok(account.insert(db).await?)
}

/// Changes one's own account: the row that `account` names by its id.
pub async fn update_own(db: &impl ConnectionTrait, account: user::ActiveModel) -> Result<user::Model> {
    Ok(account.update(db).await?)
}

/// Replaces a password's hash by an equal one of today's strength, unless the password has changed meanwhile.
pub async fn replace_hash(db: &impl ConnectionTrait, user_id: i64, old: &str, new: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::val(new))
        .filter(Column::Id.eq(user_id))
        .filter(Column::PasswordHash.eq(old))
        .exec(db)
        .await?;
    Ok(())
}

/// A condition for other repositories: the number of the user whose name is the statement's `number`-th value.
pub(super) fn id_of_username(number: usize) -> SelectStatement {
    Query::select()
        .from(Entity)
        .column(Column::Id)
        .and_where(Column::UsernameKey.into_expr().eq(param(number)))
        .and_where(Column::DeletedAt.is_null())
        .take()
}

/// Joins a select with the public part of the user whom `author_id` names, as an author.
pub(super) fn join_author(select: &mut SelectStatement, author_id: impl IntoColumnRef) {
    select
        .inner_join(Entity, Column::Id.into_expr().equals(author_id))
        .expr_as(Column::Id.into_expr(), "author_id")
        .expr_as(Column::Username.into_expr(), "author_username")
        .expr_as(Column::Name.into_expr(), "author_name")
        .expr_as(Column::Bio.into_expr(), "author_bio")
        .expr_as(Column::Image.into_expr(), "author_image");
}

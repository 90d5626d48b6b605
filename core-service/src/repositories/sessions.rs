//! Sessions.

use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
    Value,
};
use time::OffsetDateTime;

use super::hot::{HotRead, param};
use crate::error::Result;
use crate::models::session::{self, Column, Entity, Holder, Model};
use crate::models::{now, user};

static BY_TOKEN: HotRead<()> = HotRead::new();

/// Who the session with this token belongs to, unless it was ended.
pub async fn find_by_token(db: &impl ConnectionTrait, token_hash: Vec<u8>) -> Result<Option<Holder>> {
    holder(&BY_TOKEN, db, Column::TokenHash, token_hash.into()).await
}

static BY_ID: HotRead<()> = HotRead::new();

/// Who the session with this number belongs to, unless it was ended.
pub async fn find_by_id(db: &impl ConnectionTrait, id: i64) -> Result<Option<Holder>> {
    holder(&BY_ID, db, Column::Id, id.into()).await
}

async fn holder(
    read: &HotRead<()>,
    db: &impl ConnectionTrait,
    key: Column,
    value: Value,
) -> Result<Option<Holder>> {
    let build = |(): &(), _| -> SelectStatement {
        Query::select()
            .from(Entity)
            .expr_as(Column::Id.into_expr(), "session_id")
            .columns([
                (Entity, Column::UserId),
                (Entity, Column::Client),
                (Entity, Column::ConfirmedGeneration),
                (Entity, Column::UsedAt),
                (Entity, Column::ExpiresAt),
            ])
            .column((user::Entity, user::Column::Role))
            .inner_join(
                user::Entity,
                user::Column::Id.into_expr().equals((Entity, Column::UserId)),
            )
            .and_where(key.into_expr().eq(param(1)))
            .and_where(Column::RevokedAt.is_null())
            .and_where(user::Column::DeletedAt.is_null())
            .take()
    };
    let found = read.all(db, (), vec![value], build).await?;
    Ok(found.into_iter().next())
}

/// A session of this number, as it is now, with the one who reads as the next to change it.
pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// A user's sessions that go on, the one that was used last first.
pub async fn list_own(
    db: &impl ConnectionTrait,
    user_id: i64,
    at: OffsetDateTime,
    web_used_after: OffsetDateTime,
) -> Result<Vec<Model>> {
    let awake = Condition::any()
        .add(Column::Client.ne(session::Client::Web))
        .add(Column::UsedAt.gt(web_used_after));
    let found = Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(at))
        .filter(awake)
        .order_by_desc(Column::UsedAt)
        .order_by_desc(Column::Id);
    Ok(found.all(db).await?)
}

/// Begins a session.
pub async fn insert(db: &impl ConnectionTrait, session: session::ActiveModel) -> Result<Model> {
    Ok(session.insert(db).await?)
}

/// Notes that a session is in use, and which of its tokens has arrived.
pub async fn touch(db: &impl ConnectionTrait, id: i64, generation: i64) -> Result<()> {
    let used = session::ActiveModel {
        used_at: Set(now()),
        confirmed_generation: Set(generation),
        ..Default::default()
    };
    Entity::update_many()
        .set(used)
        .filter(Column::Id.eq(id))
        .filter(Column::ConfirmedGeneration.lte(generation))
        .exec(db)
        .await?;
    Ok(())
}

/// Goes from one generation of tokens to the next. Whether this one was still the newest.
pub async fn advance(db: &impl ConnectionTrait, id: i64, generation: i64) -> Result<bool> {
    let next = session::ActiveModel {
        generation: Set(generation + 1),
        confirmed_generation: Set(generation),
        refreshed_at: Set(now()),
        used_at: Set(now()),
        ..Default::default()
    };
    let advanced = Entity::update_many()
        .set(next)
        .filter(Column::Id.eq(id))
        .filter(Column::Generation.eq(generation))
        .filter(Column::RevokedAt.is_null());
    Ok(advanced.exec(db).await?.rows_affected == 1)
}

/// Ends one of a user's own sessions. Whether it went on until now.
pub async fn revoke_own(db: &impl ConnectionTrait, user_id: i64, session_id: i64) -> Result<bool> {
    let of_this = Column::UserId.eq(user_id).and(Column::Id.eq(session_id));
    Ok(!revoke(db, of_this).await?.is_empty())
}

/// Ends all of a user's own sessions but one. Their numbers.
pub async fn revoke_others(db: &impl ConnectionTrait, user_id: i64, but: i64) -> Result<Vec<i64>> {
    revoke(db, Column::UserId.eq(user_id).and(Column::Id.ne(but))).await
}

/// Ends all sessions of a user. Their numbers.
pub async fn revoke_all(db: &impl ConnectionTrait, user_id: i64) -> Result<Vec<i64>> {
    revoke(db, Column::UserId.eq(user_id)).await
}

/// Ends the sessions that go on until now. Their numbers.
async fn revoke(db: &impl ConnectionTrait, which: sea_orm::sea_query::Expr) -> Result<Vec<i64>> {
    let ended = session::ActiveModel {
        revoked_at: Set(Some(now())),
        ..Default::default()
    };
    let revoked = Entity::update_many()
        .set(ended)
        .filter(which)
        .filter(Column::RevokedAt.is_null());
    let ended = revoked.exec_with_returning(db).await?;
    Ok(ended.iter().map(|session| session.id).collect())
}

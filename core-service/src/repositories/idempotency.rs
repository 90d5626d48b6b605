//! The keys of calls that have their effect once, with their answers.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
};
use time::OffsetDateTime;

use crate::error::Result;
use crate::models::idempotency_key::{ActiveModel, Column, Entity, Model};
use crate::models::now;

/// Takes a principal's key for what a fingerprint stands for. Whether it was free.
///
/// PostgreSQL waits here for a transaction that has taken it and has not ended.
pub async fn insert(
    db: &impl ConnectionTrait,
    principal_id: i64,
    key: &str,
    fingerprint: &[u8],
) -> Result<bool> {
    let row = ActiveModel {
        principal_id: Set(principal_id),
        key: Set(key.to_owned()),
        fingerprint: Set(fingerprint.to_owned()),
        created_at: Set(now()),
        ..Default::default()
    };
    let taken = OnConflict::columns([Column::PrincipalId, Column::Key])
        .do_nothing()
        .to_owned();
    let inserted = Entity::insert(row).on_conflict(taken);
    Ok(inserted.exec_without_returning(db).await? == 1)
}

/// What a principal's key stands for.
pub async fn find(db: &impl ConnectionTrait, principal_id: i64, key: &str) -> Result<Option<Model>> {
    let found = Entity::find()
        .filter(Column::PrincipalId.eq(principal_id))
        .filter(Column::Key.eq(key));
    Ok(found.one(db).await?)
}

/// Keeps the answer beside its key.
pub async fn update(db: &impl ConnectionTrait, principal_id: i64, key: &str, answer: Vec<u8>) -> Result<()> {
    let row = ActiveModel {
        answer: Set(Some(answer)),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::PrincipalId.eq(principal_id))
        .filter(Column::Key.eq(key))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes the oldest keys from before a moment, so many at most. How many there were.
pub async fn delete_before(db: &impl ConnectionTrait, before: OffsetDateTime, at_most: u64) -> Result<u64> {
    let oldest = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lt(before))
        .order_by_asc(Column::CreatedAt)
        .limit(at_most)
        .into_query();
    let deleted = Entity::delete_many().filter(Column::Id.in_subquery(oldest));
    Ok(deleted.exec(db).await?.rows_affected)
}

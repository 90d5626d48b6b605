//! Who follows whom.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use crate::error::Result;
use crate::models::follow::{ActiveModel, Column, Entity};
use crate::models::now;

/// Lets one user follow another. Whether that is new.
pub async fn insert(db: &impl ConnectionTrait, follower_id: i64, followee_id: i64) -> Result<bool> {
    let row = ActiveModel {
        follower_id: Set(follower_id),
        followee_id: Set(followee_id),
        created_at: Set(now()),
    };
    let known = OnConflict::columns([Column::FollowerId, Column::FolloweeId])
        .do_nothing()
        .to_owned();
    let inserted = Entity::insert(row).on_conflict(known);
    Ok(inserted.exec_without_returning(db).await? == 1)
}

/// Lets one user follow another no longer. Whether that is new.
pub async fn delete(db: &impl ConnectionTrait, follower_id: i64, followee_id: i64) -> Result<bool> {
    let deleted = Entity::delete_by_id((follower_id, followee_id));
    Ok(deleted.exec(db).await?.rows_affected == 1)
}

/// Those of `user_ids` whom the follower follows.
pub async fn list_followed(
    db: &impl ConnectionTrait,
    follower_id: i64,
    user_ids: &[i64],
) -> Result<Vec<i64>> {
    let rows = Entity::find()
        .select_only()
        .column(Column::FolloweeId)
        .filter(Column::FollowerId.eq(follower_id))
        .filter(Column::FolloweeId.is_in(user_ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

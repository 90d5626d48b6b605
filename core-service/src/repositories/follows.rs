//! Who follows whom.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use crate::error::Result;
use crate::models::follow::{ActiveModel, Column, Entity};
use crate::models::now;

/// Lets one user follow another; nothing changes where that is so already.
pub async fn insert(db: &impl ConnectionTrait, follower_id: i64, followee_id: i64) -> Result<()> {
    let row = ActiveModel {
        follower_id: Set(follower_id),
        followee_id: Set(followee_id),
        created_at: Set(now()),
    };
    let known = OnConflict::columns([Column::FollowerId, Column::FolloweeId])
        .do_nothing()
        .to_owned();
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Lets one user follow another no longer; nothing changes where that is so already.
pub async fn delete(db: &impl ConnectionTrait, follower_id: i64, followee_id: i64) -> Result<()> {
    Entity::delete_by_id((follower_id, followee_id)).exec(db).await?;
    Ok(())
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

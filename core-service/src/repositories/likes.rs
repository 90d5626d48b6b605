//! Who likes which post.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Set};

use crate::error::Result;
use crate::models::like::{ActiveModel, Column, Entity};
use crate::models::now;

/// Lets a user like a post. Whether that is new.
pub async fn insert(db: &impl ConnectionTrait, post_id: i64, user_id: i64) -> Result<bool> {
    let row = ActiveModel {
        post_id: Set(post_id),
        user_id: Set(user_id),
        created_at: Set(now()),
    };
    let known = OnConflict::columns([Column::PostId, Column::UserId])
        .do_nothing()
        .to_owned();
    Ok(Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(db)
        .await?
        == 1)
}

/// Lets a user like a post no longer. Whether that is new.
pub async fn delete(db: &impl ConnectionTrait, post_id: i64, user_id: i64) -> Result<bool> {
    Ok(Entity::delete_by_id((post_id, user_id))
        .exec(db)
        .await?
        .rows_affected
        == 1)
}

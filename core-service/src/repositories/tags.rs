//! Tags of posts.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Set};

use super::hot::HotRead;
use crate::error::Result;
use crate::models::post;
use crate::models::post_tag::{ActiveModel, Column, Entity};

/// A tag and how many posts have it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TagRow {
    /// The tag.
    pub name: String,
    /// How many live posts have it.
    pub post_count: i64,
}

/// The shape of a read of tags: the most used ones, so many of them, or all by name.
static TAGS: HotRead<Option<u64>> = HotRead::new();

/// The tags of all live posts: the `most_used` ones, or all of them by name.
pub async fn list(db: &impl ConnectionTrait, most_used: Option<u64>) -> Result<Vec<TagRow>> {
    TAGS.all(db, most_used, Vec::new(), |&most_used, _| {
        let live = post::Column::DeletedAt.is_null();
        let mut select = Query::select()
            .from(Entity)
            .column((Entity, Column::Name))
            .expr_as(Expr::col((Entity, Column::PostId)).count(), "post_count")
            .inner_join(
                post::Entity,
                post::Column::Id.into_expr().equals((Entity, Column::PostId)),
            )
            .and_where(live)
            .group_by_col((Entity, Column::Name))
            .take();
        if let Some(limit) = most_used {
            select.order_by("post_count", Order::Desc).limit(limit);
        }
        select.order_by((Entity, Column::Name), Order::Asc).take()
    })
    .await
}

/// Gives a post these tags, in this order, instead of those that it has.
pub async fn replace(db: &impl ConnectionTrait, post_id: i64, names: &[String]) -> Result<()> {
    Entity::delete_many()
        .filter(Column::PostId.eq(post_id))
        .exec(db)
        .await?;
    insert(db, post_id, names).await
}

/// Gives a post that has none these tags, in this order.
pub async fn insert(db: &impl ConnectionTrait, post_id: i64, names: &[String]) -> Result<()> {
    let rows = (0..).zip(names).map(|(position, name)| ActiveModel {
        post_id: Set(post_id),
        name: Set(name.clone()),
        position: Set(position),
    });
    if !names.is_empty() {
        Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

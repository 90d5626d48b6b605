//! The counters of posts: appended to by whoever likes or comments, folded by one task of the core.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Set,
};

use crate::error::Result;
use crate::models::post;
use crate::models::post_count_delta::{ActiveModel, Column, Entity};

/// How many changes one fold takes.
const FOLD_AT_MOST: u64 = 10_000;

/// Notes that a post has so many likes and comments more.
pub async fn insert(db: &impl ConnectionTrait, post_id: i64, likes: i32, comments: i32) -> Result<()> {
    let row = ActiveModel {
        post_id: Set(post_id),
        likes: Set(likes),
        comments: Set(comments),
        ..Default::default()
    };
    row.insert(db).await?;
    Ok(())
}

/// Adds the oldest changes up into their posts. How many there were.
///
/// The rows are taken by deleting them, whichever they are, so a change that was committed late is
/// simply taken next time, and no change is taken twice.
pub async fn fold(db: &impl ConnectionTrait) -> Result<usize> {
    let oldest = Entity::find()
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::Id)
        .limit(FOLD_AT_MOST)
        .into_query();
    let taken = Entity::delete_many()
        .filter(Column::Id.in_subquery(oldest))
        .exec_with_returning(db)
        .await?;

    let mut sums = BTreeMap::<i64, (i64, i64)>::new();
    for delta in &taken {
        let sum = sums.entry(delta.post_id).or_default();
        sum.0 += i64::from(delta.likes);
        sum.1 += i64::from(delta.comments);
    }
    for (post_id, (likes, comments)) in sums {
        post::Entity::update_many()
            .col_expr(
                post::Column::LikeCount,
                Expr::col(post::Column::LikeCount).add(likes),
            )
            .col_expr(
                post::Column::CommentCount,
                Expr::col(post::Column::CommentCount).add(comments),
            )
            .filter(post::Column::Id.eq(post_id))
            .exec(db)
            .await?;
    }
    Ok(taken.len())
}

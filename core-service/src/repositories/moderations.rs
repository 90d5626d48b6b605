//! What the staff took away, and why.

use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Order, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, Value};

use super::hot::{HotRead, param, rows_for};
use super::users::join_author;
use crate::error::Result;
use crate::models::moderation::{ActiveModel, Column, Entity, Model, ModerationRow};
use crate::models::{comment, post, user};

/// The shape of a list: how many rows, from the latest on or not.
static LIST: HotRead<(u64, bool)> = HotRead::new();

/// A page of removals, the latest first: up to one more than `size`, older than the one numbered `before`.
pub async fn list(db: &impl ConnectionTrait, size: u32, before: Option<i64>) -> Result<Vec<ModerationRow>> {
    let shape = (rows_for(size), before.is_some());
    let values = before.into_iter().map(Value::from).collect();
    let mut rows = LIST
        .all(db, shape, values, |&(rows, later), _| {
            let mut select = whole();
            if later {
                select.and_where(Column::Id.into_expr().lt(param(1)));
            }
            select.limit(rows).take()
        })
        .await?;
    rows.truncate(size as usize + 1);
    Ok(rows)
}

static BY_ID: HotRead<()> = HotRead::new();

/// The removal of this number.
pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<ModerationRow>> {
    let found = BY_ID.all(db, (), vec![id.into()], |(), _| {
        whole().and_where(Column::Id.into_expr().eq(param(1))).take()
    });
    Ok(found.await?.into_iter().next())
}

/// Adds a removal.
pub async fn insert(db: &impl ConnectionTrait, moderation: ActiveModel) -> Result<Model> {
    Ok(moderation.insert(db).await?)
}

/// Removals with all that belongs to them, the latest first. What was taken away is read all the same.
fn whole() -> SelectStatement {
    let moderator = |column: user::Column| Expr::col(("moderator", column));
    let mut select = Query::select();
    select
        .from(Entity)
        .columns([
            (Entity, Column::Id),
            (Entity, Column::CommentId),
            (Entity, Column::ModeratorId),
            (Entity, Column::Reason),
            (Entity, Column::CreatedAt),
        ])
        .inner_join(
            post::Entity,
            post::Column::Id.into_expr().equals((Entity, Column::PostId)),
        )
        .expr_as(post::Column::Slug.into_expr(), "post_slug")
        .expr_as(post::Column::Title.into_expr(), "post_title")
        .left_join(
            comment::Entity,
            comment::Column::Id
                .into_expr()
                .equals((Entity, Column::CommentId)),
        )
        .expr_as(comment::Column::Body.into_expr(), "comment_body")
        .join_as(
            JoinType::InnerJoin,
            user::Entity,
            "moderator",
            moderator(user::Column::Id).equals((Entity, Column::ModeratorId)),
        )
        .expr_as(moderator(user::Column::Username), "moderator_username")
        .expr_as(moderator(user::Column::Name), "moderator_name")
        .order_by((Entity, Column::Id), Order::Desc);
    join_author(&mut select, (Entity, Column::AuthorId));
    select
}

//! Comments on posts.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};

use super::hot::{HotRead, padded, param, params, rows_for, select_wanted};
use super::users::join_author;
use crate::error::Result;
use crate::models::comment::{self, Column, CommentField, CommentRow, Entity, PostedCommentRow};
use crate::models::fields::Fields;
use crate::models::{SoftDelete, now, post};

const COLUMNS: [(CommentField, Column); 3] = [
    (CommentField::Body, Column::Body),
    (CommentField::CreatedAt, Column::CreatedAt),
    (CommentField::UpdatedAt, Column::UpdatedAt),
];

/// The shape of a list: how many rows, from the newest on or not, which fields.
static LIST: HotRead<(u64, bool, u32)> = HotRead::new();

/// A page of a post's comments, newest first: up to one more than `size`, older than the one numbered
/// `before`.
pub async fn list(
    db: &impl ConnectionTrait,
    post_id: i64,
    size: u32,
    before: Option<i64>,
    wanted: Fields<CommentField>,
) -> Result<Vec<CommentRow>> {
    let shape = (rows_for(size), before.is_some(), wanted.bits());
    let values = [post_id].into_iter().chain(before).map(Value::from).collect();
    let mut rows = LIST
        .all(db, shape, values, |&(rows, later, _), _| {
            let mut select = live(wanted);
            select.and_where(Column::PostId.into_expr().eq(param(1)));
            if later {
                select.and_where(Column::Id.into_expr().lt(param(2)));
            }
            select.limit(rows).take()
        })
        .await?;
    rows.truncate(size as usize + 1);
    Ok(rows)
}

/// The shape of a read by ids: how many, which fields.
static BY_IDS: HotRead<(usize, u32)> = HotRead::new();

/// The comments with these numbers, newest first.
pub async fn list_by_ids(
    db: &impl ConnectionTrait,
    ids: Vec<i64>,
    wanted: Fields<CommentField>,
) -> Result<Vec<CommentRow>> {
    let ids = padded(ids);
    let shape = (ids.len(), wanted.bits());
    let values = ids.into_iter().map(Value::from).collect();
    BY_IDS
        .all(db, shape, values, |&(ids, _), _| {
            live(wanted)
                .and_where(Column::Id.into_expr().is_in(params(1, ids)))
                .take()
        })
        .await
}

/// Adds a comment.
pub async fn insert(db: &impl ConnectionTrait, comment: comment::ActiveModel) -> Result<comment::Model> {
    Ok(comment.insert(db).await?)
}

/// A post's live comment of this number, as the table has it.
pub async fn find_live(db: &impl ConnectionTrait, post_id: i64, id: i64) -> Result<Option<comment::Model>> {
    Ok(Entity::live()
        .filter(Column::Id.eq(id))
        .filter(Column::PostId.eq(post_id))
        .one(db)
        .await?)
}

/// Takes one's own comment away. Whether there was one.
pub async fn delete_own(db: &impl ConnectionTrait, author_id: i64, id: i64) -> Result<bool> {
    let own = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .filter(Column::AuthorId.eq(author_id))
        .filter(Column::DeletedAt.is_null());
    Ok(own.exec(db).await?.rows_affected == 1)
}

/// Takes anybody's comment away. Whether there was one.
pub async fn delete(db: &impl ConnectionTrait, id: i64) -> Result<bool> {
    let comment = Entity::update_many()
        .col_expr(Column::DeletedAt, Expr::val(now()))
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null());
    Ok(comment.exec(db).await?.rows_affected == 1)
}

/// The newest live comments on live posts, with their posts: up to one more than `size`, older than the one
/// numbered `before`.
pub async fn list_newest(
    db: &impl ConnectionTrait,
    size: u32,
    before: Option<i64>,
) -> Result<Vec<PostedCommentRow>> {
    let shape = (rows_for(size), before.is_some());
    let values = before.into_iter().map(Value::from).collect();
    let mut rows = NEWEST
        .all(db, shape, values, |&(rows, later), _| {
            let mut select = live(Fields::all());
            select
                .inner_join(
                    post::Entity,
                    post::Column::Id.into_expr().equals((Entity, Column::PostId)),
                )
                .and_where(post::Column::DeletedAt.into_expr().is_null())
                .expr_as(post::Column::Slug.into_expr(), "post_slug")
                .expr_as(post::Column::Title.into_expr(), "post_title");
            if later {
                select.and_where(Column::Id.into_expr().lt(param(1)));
            }
            select.limit(rows).take()
        })
        .await?;
    rows.truncate(size as usize + 1);
    Ok(rows)
}

/// The shape of a list across posts: how many rows, from the newest on or not.
static NEWEST: HotRead<(u64, bool)> = HotRead::new();

/// Live comments with what is wanted of them, newest first.
fn live(wanted: Fields<CommentField>) -> SelectStatement {
    let mut select = Query::select();
    select
        .from(Entity)
        .column((Entity, Column::Id))
        .and_where(Column::DeletedAt.is_null())
        .order_by((Entity, Column::Id), Order::Desc);
    select_wanted(&mut select, Entity, wanted, &COLUMNS);
    if wanted.has(CommentField::Author) {
        join_author(&mut select, (Entity, Column::AuthorId));
    }
    select
}

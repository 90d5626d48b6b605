//! Sessions.

use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use super::hot::{HotRead, param};
use crate::error::Result;
use crate::models::session::{self, Column, Entity, Holder};
use crate::models::{now, user};

static HOLDER: HotRead<()> = HotRead::new();

/// Who the living session with this token belongs to, whenever it ends.
pub async fn find_holder(db: &impl ConnectionTrait, token_hash: Vec<u8>) -> Result<Option<Holder>> {
    let mut found = HOLDER
        .all(db, (), vec![token_hash.into()], |(), _| {
            Query::select()
                .from(Entity)
                .expr_as(Column::Id.into_expr(), "session_id")
                .columns([
                    (Entity, Column::UserId),
                    (Entity, Column::Client),
                    (Entity, Column::ExpiresAt),
                ])
                .column((user::Entity, user::Column::Role))
                .inner_join(
                    user::Entity,
                    user::Column::Id.into_expr().equals((Entity, Column::UserId)),
                )
                .and_where(Column::TokenHash.into_expr().eq(param(1)))
                .and_where(Column::RevokedAt.is_null())
                .and_where(user::Column::DeletedAt.is_null())
                .take()
        })
        .await?;
    Ok(found.pop())
}

/// Begins a session.
pub async fn insert(db: &impl ConnectionTrait, session: session::ActiveModel) -> Result<session::Model> {
    Ok(session.insert(db).await?)
}

/// Ends one of a user's own sessions; nothing changes where it has ended already.
pub async fn revoke_own(db: &impl ConnectionTrait, user_id: i64, session_id: i64) -> Result<()> {
    let ended = session::ActiveModel {
        revoked_at: Set(Some(now())),
        ..Default::default()
    };
    Entity::update_many()
        .set(ended)
        .filter(Column::Id.eq(session_id))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

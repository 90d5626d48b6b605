//! People as OpenID providers know them, and the sign-ins of theirs that were completed.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use time::OffsetDateTime;

use crate::error::Result;
use crate::models::identity::{ActiveModel, Column, Entity};
use crate::models::{now, used_flow};

/// The number of the user whom a provider calls this.
pub async fn find_user_id(db: &impl ConnectionTrait, issuer: &str, subject: &str) -> Result<Option<i64>> {
    let found = Entity::find()
        .filter(Column::Issuer.eq(issuer))
        .filter(Column::Subject.eq(subject));
    Ok(found.one(db).await?.map(|identity| identity.user_id))
}

/// From now on this user is whom a provider calls this.
pub async fn insert(db: &impl ConnectionTrait, user_id: i64, issuer: &str, subject: &str) -> Result<()> {
    let row = ActiveModel {
        user_id: Set(user_id),
        issuer: Set(issuer.to_owned()),
        subject: Set(subject.to_owned()),
        created_at: Set(now()),
        ..Default::default()
    };
    row.insert(db).await?;
    Ok(())
}

/// Uses up a flow. Whether it was good until now.
pub async fn use_flow(db: &impl ConnectionTrait, state: &str, ends_at: OffsetDateTime) -> Result<bool> {
    let row = used_flow::ActiveModel {
        state: Set(state.to_owned()),
        ends_at: Set(ends_at),
        ..Default::default()
    };
    let used = OnConflict::column(used_flow::Column::State)
        .do_nothing()
        .to_owned();
    let inserted = used_flow::Entity::insert(row).on_conflict(used);
    Ok(inserted.exec_without_returning(db).await? == 1)
}

/// Forgets the flows that have ended by themselves.
pub async fn forget_flows(db: &impl ConnectionTrait, ended_before: OffsetDateTime) -> Result<()> {
    used_flow::Entity::delete_many()
        .filter(used_flow::Column::EndsAt.lt(ended_before))
        .exec(db)
        .await?;
    Ok(())
}

//! Who likes which post.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

/// One user liking one post, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "likes")]
pub struct Model {
    /// The post.
    #[sea_orm(primary_key, auto_increment = false)]
    pub post_id: i64,
    /// Who likes it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// Since when.
    pub created_at: OffsetDateTime,
}

/// Tables that the row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

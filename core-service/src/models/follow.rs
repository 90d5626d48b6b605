//! Who follows whom.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

/// One user following another, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "follows")]
pub struct Model {
    /// Who follows.
    #[sea_orm(primary_key, auto_increment = false)]
    pub follower_id: i64,
    /// Who is followed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub followee_id: i64,
    /// Since when.
    pub created_at: OffsetDateTime,
}

/// Tables that the row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

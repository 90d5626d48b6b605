//! Sign-ins with an OpenID provider that have been completed, so that none is completed again.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

/// A flow that was used, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_flows")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its state, which no other flow has.
    pub state: String,
    /// When it ends by itself and need not be remembered any longer.
    pub ends_at: OffsetDateTime,
}

/// Tables that a flow's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

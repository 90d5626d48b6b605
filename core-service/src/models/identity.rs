//! People as OpenID providers know them.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

/// An identity, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identities")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Whose account it leads to.
    pub user_id: i64,
    /// The provider.
    pub issuer: String,
    /// What the provider calls the person, for ever; unique for each provider.
    pub subject: String,
    /// When it was linked.
    pub created_at: OffsetDateTime,
}

/// Tables that an identity's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

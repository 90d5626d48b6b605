//! Keys of calls that have their effect once, with the answers that were given.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

/// A key, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who called; 0 for nobody in particular.
    pub principal_id: i64,
    /// What the caller called it; unique for each principal.
    pub key: String,
    /// What it stands for: a keyed hash of the method and what was said.
    pub fingerprint: Vec<u8>,
    /// The answer, as it was sent; none while the transaction goes on, which nobody else sees.
    pub answer: Option<Vec<u8>>,
    /// When it was taken.
    pub created_at: OffsetDateTime,
}

/// Tables that a key's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Changes to the counters of posts that have not been added up yet.
//!
//! Whoever likes or comments only appends a row here, so nobody waits for anybody on a post that all
//! the world likes; a task of the core folds the rows into `posts` every second.

use sea_orm::entity::prelude::*;

/// A change to one post's counters, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post_count_deltas")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The post.
    pub post_id: i64,
    /// By how much its likes changed.
    pub likes: i32,
    /// By how much its comments changed.
    pub comments: i32,
}

/// Tables that the row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

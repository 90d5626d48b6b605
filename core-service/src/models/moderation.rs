//! What the staff took away, and why.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

use super::post::AuthorRow;

/// A removal, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "moderations")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The post that was taken away, or the one that the comment was on.
    pub post_id: i64,
    /// The comment; none where the post itself was taken away.
    pub comment_id: Option<i64>,
    /// Who wrote it.
    pub author_id: i64,
    /// Who took it away.
    pub moderator_id: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub created_at: OffsetDateTime,
}

/// Tables that a removal's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A removal with all that belongs to it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ModerationRow {
    /// Number.
    pub id: i64,
    /// Slug of the post.
    pub post_slug: String,
    /// Title of the post.
    pub post_title: String,
    /// The comment; none where the post itself was taken away.
    pub comment_id: Option<i64>,
    /// What the comment said.
    pub comment_body: Option<String>,
    /// Who wrote it.
    #[sea_orm(nested)]
    pub author: AuthorRow,
    /// Number of who took it away.
    pub moderator_id: i64,
    /// Name of who took it away.
    pub moderator_username: String,
    /// Name to show of who took it away.
    pub moderator_name: String,
    /// Why.
    pub reason: String,
    /// When.
    pub created_at: OffsetDateTime,
}

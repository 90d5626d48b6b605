//! Comments on posts.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

use super::fields::fields;

/// A comment, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "comments")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The post.
    pub post_id: i64,
    /// Who wrote it.
    pub author_id: i64,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When it was taken away.
    pub deleted_at: Option<OffsetDateTime>,
}

/// Tables that a comment's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl super::SoftDelete for Entity {
    const DELETED_AT: Column = Column::DeletedAt;
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(mut self, _: &C, insert: bool) -> Result<Self, DbErr> {
        super::stamp(&mut self.created_at, &mut self.updated_at, insert);
        Ok(self)
    }
}

fields! {
    /// The fields of a comment.
    CommentField {
        Id = "id", Body = "body", CreatedAt = "created_at", UpdatedAt = "updated_at", Author = "author",
    }
}

/// A comment with its author, as far as it was asked for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct CommentRow {
    /// Number.
    pub id: i64,
    /// The text.
    pub body: Option<String>,
    /// When it was written.
    pub created_at: Option<OffsetDateTime>,
    /// When it last changed.
    pub updated_at: Option<OffsetDateTime>,
    /// Who wrote it.
    #[sea_orm(nested)]
    pub author: super::post::AuthorRow,
}

/// A comment with its author, and the post that it is on.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PostedCommentRow {
    /// The comment.
    #[sea_orm(nested)]
    pub comment: CommentRow,
    /// The post's slug.
    pub post_slug: String,
    /// The post's title.
    pub post_title: String,
}

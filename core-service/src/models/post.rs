//! Posts.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

use super::fields::fields;

/// A post, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "posts")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who wrote it.
    pub author_id: i64,
    /// The book that it is about.
    pub book_id: Option<i64>,
    /// The name in addresses.
    pub slug: String,
    /// The title.
    pub title: String,
    /// What it is about, in a line.
    pub description: String,
    /// The text.
    pub body: String,
    /// Likes that have been added up; the rest stands in `post_count_deltas`.
    pub like_count: i64,
    /// Comments that have been added up; the rest stands in `post_count_deltas`.
    pub comment_count: i64,
    /// When it was written.
    pub created_at: OffsetDateTime,
    /// When its author last changed it.
    pub updated_at: OffsetDateTime,
    /// When it was taken away.
    pub deleted_at: Option<OffsetDateTime>,
}

/// Tables that a post's row is joined with.
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
    /// The fields of a post.
    PostField {
        Id = "id", Slug = "slug", Title = "title", Description = "description", Body = "body", Tags = "tags",
        BookId = "book_id", LikeCount = "like_count", CommentCount = "comment_count",
        CreatedAt = "created_at", UpdatedAt = "updated_at", Author = "author", Viewer = "viewer",
    }
}

/// A post with all that belongs to it, as far as it was asked for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PostRow {
    /// Number.
    pub id: i64,
    /// The name in addresses.
    pub slug: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// What it is about, in a line.
    pub description: Option<String>,
    /// The text.
    pub body: Option<String>,
    /// Tags in the author's order, with [`TAG_SEPARATOR`] between them.
    pub tags: Option<String>,
    /// The book that it is about.
    pub book_id: Option<i64>,
    /// How many like it.
    pub like_count: Option<i64>,
    /// How many comments it has.
    pub comment_count: Option<i64>,
    /// When it was written.
    pub created_at: Option<OffsetDateTime>,
    /// When its author last changed it.
    pub updated_at: Option<OffsetDateTime>,
    /// Who wrote it.
    #[sea_orm(nested)]
    pub author: AuthorRow,
    /// Whether the viewer likes it.
    pub liked: Option<bool>,
    /// Whether the viewer follows its author.
    pub following_author: Option<bool>,
}

/// The author of a post or a comment, where that was asked for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AuthorRow {
    /// Number; absent where the author was not asked for.
    pub author_id: Option<i64>,
    /// Unique name.
    pub author_username: Option<String>,
    /// Name to show.
    pub author_name: Option<String>,
    /// A few words about oneself.
    pub author_bio: Option<String>,
    /// Address of a picture.
    pub author_image: Option<String>,
}

/// What a viewer has to do with a post.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PostViewerRow {
    /// The post.
    pub id: i64,
    /// The viewer likes it.
    pub liked: bool,
    /// The viewer follows its author.
    pub following_author: bool,
}

/// What stands between the tags of a [`PostRow`]; no tag can have it.
pub const TAG_SEPARATOR: char = '\u{1f}';

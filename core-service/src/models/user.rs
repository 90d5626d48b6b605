//! Users.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

use super::fields::fields;

/// A user, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Unique name, as its owner writes it.
    pub username: String,
    /// The name by which uniqueness is judged; kept by the model.
    pub username_key: String,
    /// Name to show.
    pub name: String,
    /// E-mail address, as its owner writes it.
    pub email: String,
    /// The address by which uniqueness is judged; kept by the model.
    pub email_key: String,
    /// Argon2id hash in PHC form; empty where no password leads here.
    pub password_hash: String,
    /// A few words about oneself.
    pub bio: Option<String>,
    /// Address of a picture.
    pub image: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When it was taken away.
    pub deleted_at: Option<OffsetDateTime>,
}

/// What a user may do. Each role may do all that those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Role {
    /// Reads, writes posts.
    #[sea_orm(string_value = "reader")]
    Reader,
    /// Keeps the shop.
    #[sea_orm(string_value = "staff")]
    Staff,
    /// Keeps the staff.
    #[sea_orm(string_value = "admin")]
    Admin,
}

/// Tables that a user's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl super::SoftDelete for Entity {
    const DELETED_AT: Column = Column::DeletedAt;
}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(mut self, _: &C, insert: bool) -> Result<Self, DbErr> {
        super::stamp(&mut self.created_at, &mut self.updated_at, insert);
        if let Some(username) = self.username.try_as_ref() {
            self.username_key = sea_orm::Set(super::case_key(username));
        }
        if let Some(email) = self.email.try_as_ref() {
            self.email_key = sea_orm::Set(super::case_key(email));
        }
        Ok(self)
    }
}

fields! {
    /// The public fields of a user.
    UserField { Id = "id", Username = "username", Name = "name", Bio = "bio", Image = "image" }
}

/// The public part of a user, as far as it was asked for.
#[derive(Debug, Clone, FromQueryResult)]
pub struct UserRow {
    /// Number.
    pub id: i64,
    /// The name by which the user was looked up.
    pub username_key: String,
    /// Unique name.
    pub username: Option<String>,
    /// Name to show.
    pub name: Option<String>,
    /// A few words about oneself.
    pub bio: Option<String>,
    /// Address of a picture.
    pub image: Option<String>,
}

//! Sessions: one per device that somebody is signed in on.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use time::OffsetDateTime;

use super::user::Role;

/// A session, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who is signed in.
    pub user_id: i64,
    /// SHA-256 of the token; the token itself is kept nowhere.
    pub token_hash: Vec<u8>,
    /// The client that it belongs to.
    pub client: Client,
    /// What the owner would call the device.
    pub device: String,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
    /// When it was ended.
    pub revoked_at: Option<OffsetDateTime>,
}

/// The client that a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Client {
    /// The web app.
    #[sea_orm(string_value = "web")]
    Web,
    /// The phone app.
    #[sea_orm(string_value = "mobile")]
    Mobile,
    /// The staff's desktop app.
    #[sea_orm(string_value = "desktop")]
    Desktop,
}

/// Tables that a session's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who a living session belongs to.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Holder {
    /// The session.
    pub session_id: i64,
    /// The user.
    pub user_id: i64,
    /// What the user may do.
    pub role: Role,
    /// The client that the session belongs to.
    pub client: Client,
    /// When the session ends by itself.
    pub expires_at: OffsetDateTime,
}

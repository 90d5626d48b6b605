//! Sessions: one per device that somebody is signed in on, whichever client it runs.

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
    /// The client that it belongs to.
    pub client: Client,
    /// What the owner would call the device.
    pub device: String,
    /// SHA-256 of a browser's token; the token itself is kept nowhere. None where tokens are signed.
    pub token_hash: Option<Vec<u8>>,
    /// How many pairs of signed tokens there have been.
    pub generation: i64,
    /// The newest of them that is known to have arrived, because it has been used.
    pub confirmed_generation: i64,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// When its newest tokens were made.
    pub refreshed_at: OffsetDateTime,
    /// When it was last used, within a minute or so.
    pub used_at: OffsetDateTime,
    /// When it ends by itself.
    pub expires_at: OffsetDateTime,
    /// When it was ended.
    pub revoked_at: Option<OffsetDateTime>,
}

/// The client that a session belongs to, and the gateway that it comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
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

impl Client {
    /// Its name, as tokens have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Mobile => "mobile",
            Self::Desktop => "desktop",
        }
    }
}

/// Tables that a session's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Who a session that has not been ended belongs to.
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
    /// The newest pair of signed tokens that is known to have arrived.
    pub confirmed_generation: i64,
    /// When it was last used, within a minute or so.
    pub used_at: OffsetDateTime,
    /// When the session ends by itself.
    pub expires_at: OffsetDateTime,
}

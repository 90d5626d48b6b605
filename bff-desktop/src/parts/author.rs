//! Somebody who wrote or did something.

use proto::users::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// Who it was.
#[derive(Serialize, ToSchema)]
pub(crate) struct Author {
    id: i64,
    username: String,
    name: String,
}

impl From<Option<message::User>> for Author {
    fn from(user: Option<message::User>) -> Self {
        let user = user.unwrap_or_default();
        Self {
            id: user.id,
            username: user.username,
            name: user.name,
        }
    }
}

//! Who wrote something.

use proto::users::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// Who wrote it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Author {
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl From<Option<message::User>> for Author {
    fn from(user: Option<message::User>) -> Self {
        let user = user.unwrap_or_default();
        Self {
            username: user.username,
            image: user.image,
        }
    }
}

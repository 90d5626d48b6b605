//! One's own account.

use proto::users::v1 as message;
use serde::Serialize;
use utoipa::ToSchema;

/// One's own account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    username: String,
    /// The name to show; empty where none was given.
    name: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bio: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
}

impl From<message::Account> for Account {
    fn from(account: message::Account) -> Self {
        let user = account.user.unwrap_or_default();
        Self {
            username: user.username,
            name: user.name,
            email: account.email,
            bio: user.bio,
            image: user.image,
        }
    }
}

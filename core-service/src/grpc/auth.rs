//! Who is calling: the session token in the call's `authorization` metadata.

use tonic::metadata::MetadataMap;

use crate::error::{Error, Result, Unauthenticated};
use crate::services::caller::Caller;
use crate::services::sessions::Sessions;

impl Sessions {
    /// The caller; refused where there is none.
    pub(super) async fn required(&self, metadata: &MetadataMap) -> Result<Caller> {
        self.optional(metadata)
            .await?
            .ok_or(Error::Unauthenticated(Unauthenticated::TokenMissing))
    }

    /// The caller, if there is one. A token that is not valid is refused, never overlooked.
    pub(super) async fn optional(&self, metadata: &MetadataMap) -> Result<Option<Caller>> {
        let Some(header) = metadata.get("authorization") else {
            return Ok(None);
        };
        let token = header.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
        match token {
            Some(token) => self.caller(token).await.map(Some),
            None => Err(Error::Unauthenticated(Unauthenticated::TokenInvalid)),
        }
    }
}

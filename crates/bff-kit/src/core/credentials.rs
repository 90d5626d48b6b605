//! What a gateway proves to the core which one it is with, where that is not its certificate.

use anyhow::Context as _;
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
};

/// The secret that this gateway shares with the core, if it has one.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    secret: Option<MetadataValue<Ascii>>,
}

impl Credentials {
    /// With this secret; without one where it is empty.
    pub(super) fn of(secret: &str) -> anyhow::Result<Self> {
        let mut secret: Option<MetadataValue<Ascii>> = match secret {
            "" => None,
            secret => Some(secret.parse().context("core.secret")?),
        };
        if let Some(secret) = &mut secret {
            secret.set_sensitive(true);
        }
        Ok(Self { secret })
    }

    /// A request that says which gateway it comes from.
    pub(super) fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        if let Some(secret) = &self.secret {
            request.metadata_mut().insert("x-gateway-secret", secret.clone());
        }
        request
    }
}

//! What this gateway asks of the core, always for somebody of the staff. Each call names the fields that
//! its screens show, and no others.

mod books;
mod changes;
mod orders;
mod posts;
mod users;

use bff_kit::{
    ApiResult, CoreChannel, Viewer,
    events::{Following, Listener},
};

/// The core, as this gateway sees it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: CoreChannel,
}

impl Core {
    pub(crate) fn new(channel: CoreChannel) -> Self {
        Self { channel }
    }

    /// Follows what is written and `viewer` may see.
    pub(crate) async fn changes(&self, viewer: &Viewer, listener: Listener) -> ApiResult<Following> {
        listener.follow(&self.channel, Some(viewer)).await
    }
}

//! What this gateway asks of the core. Each call names the fields that its screens show, and no others.

mod books;
mod comments;
mod orders;
mod posts;
mod users;

use bff_kit::{
    ApiResult, CoreChannel, Viewer,
    events::{Following, Listener},
};

pub(crate) use posts::PostFilter;

/// How many things the core takes or gives in one call at most.
const AT_MOST: usize = 100;

/// The core, as this gateway sees it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: CoreChannel,
}

impl Core {
    pub(crate) fn new(channel: CoreChannel) -> Self {
        Self { channel }
    }

    /// Follows what is written and `viewer` may see; what is public where there is none.
    pub(crate) async fn changes(&self, viewer: Option<&Viewer>, listener: Listener) -> ApiResult<Following> {
        listener.follow(&self.channel, viewer).await
    }
}

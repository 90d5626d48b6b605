//! What this gateway asks of the core. Each call names the fields that its screens show, and no others.

mod books;
mod changes;
mod orders;
mod posts;
mod users;

use bff_kit::CoreChannel;

pub(crate) use posts::PostFilter;

/// The core, as this gateway sees it.
#[derive(Clone)]
pub(crate) struct Core {
    channel: CoreChannel,
}

impl Core {
    pub(crate) fn new(channel: CoreChannel) -> Self {
        Self { channel }
    }
}

//! The contract between the core and the gateways: messages and services, generated from the
//! `.proto` files beside this folder by `cargo xtask codegen`. The code in `generated` is never edited.

/// Books: what the shop sells.
pub mod books {
    /// The first version.
    #[allow(
        missing_docs,
        clippy::all,
        clippy::allow_attributes_without_reason,
        reason = "generated"
    )]
    pub mod v1 {
        include!("generated/triptych.books.v1.rs");
    }
}

/// Orders: who bought what, and how far it has got.
pub mod orders {
    /// The first version.
    #[allow(
        missing_docs,
        clippy::all,
        clippy::allow_attributes_without_reason,
        reason = "generated"
    )]
    pub mod v1 {
        include!("generated/triptych.orders.v1.rs");
    }
}

/// Posts, comments, likes, tags: the reading room.
pub mod posts {
    /// The first version.
    #[allow(
        missing_docs,
        clippy::all,
        clippy::allow_attributes_without_reason,
        reason = "generated"
    )]
    pub mod v1 {
        include!("generated/triptych.posts.v1.rs");
    }
}

/// Users and their sessions.
pub mod users {
    /// The first version.
    #[allow(
        missing_docs,
        clippy::all,
        clippy::allow_attributes_without_reason,
        reason = "generated"
    )]
    pub mod v1 {
        include!("generated/triptych.users.v1.rs");
    }
}

/// Descriptors of all the files, encoded: what server reflection serves.
pub const DESCRIPTORS: &[u8] = include_bytes!("generated/descriptors.bin");

/// Who a [`tonic_types`](https://docs.rs/tonic-types) `ErrorInfo` of ours is from.
pub const ERROR_DOMAIN: &str = "triptych";

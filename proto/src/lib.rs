//! The contract between the core and the gateways: messages and services, generated from the
//! `.proto` files beside this folder by `cargo xtask codegen`. The code in `generated` is never edited.

mod field_mask;

pub use field_mask::FieldMask;

/// Makes a module of the first version of an area of the contract.
macro_rules! areas {
    ($($(#[$doc:meta])* $area:ident = $file:literal;)*) => {
        $(
            $(#[$doc])*
            pub mod $area {
                /// The first version.
                #[allow(
                    missing_docs,
                    clippy::all,
                    clippy::allow_attributes_without_reason,
                    reason = "generated"
                )]
                pub mod v1 {
                    include!(concat!("generated/", $file));
                }
            }
        )*
    };
}

areas! {
    /// Batches: calls that travel together.
    batch = "triptych.batch.v1.rs";
    /// Books: what the shop sells.
    books = "triptych.books.v1.rs";
    /// Changes: everything that was written, in one order for everybody.
    changes = "triptych.changes.v1.rs";
    /// Orders: who bought what, and how far it has got.
    orders = "triptych.orders.v1.rs";
    /// Posts, comments, likes, tags: the reading room.
    posts = "triptych.posts.v1.rs";
    /// Users and their sessions.
    users = "triptych.users.v1.rs";
}

/// What a method that is asked once and answers once is asked with. No two methods are asked with the same message, so
/// the message says which method it is.
pub trait Rpc: prost::Message + Default + Clone + Send + Sync + 'static {
    /// What the method answers.
    type Answer: prost::Message + Default + Clone + Send + Sync + 'static;
    /// The method, as in a path without the first slash.
    const METHOD: &'static str;
}

/// A read that is answered in the same way for everybody, as long as nobody is named by a token. What a method answers
/// that is not one of these belongs to its caller.
pub trait Public: Rpc {}

impl Public for books::v1::GetBookRequest {}
impl Public for books::v1::BatchGetBooksRequest {}
impl Public for books::v1::ListBooksRequest {}
impl Public for orders::v1::QuoteOrderRequest {}
impl Public for posts::v1::GetPostRequest {}
impl Public for posts::v1::BatchGetPostsRequest {}
impl Public for posts::v1::ListPostsRequest {}
impl Public for posts::v1::ListCommentsRequest {}
impl Public for posts::v1::ListTagsRequest {}
impl Public for users::v1::GetUserRequest {}
impl Public for users::v1::BatchGetUsersRequest {}
impl Public for users::v1::GetSignInMethodsRequest {}

mod rpcs {
    include!("generated/rpcs.rs");
}

/// Descriptors of all the files, encoded: what server reflection serves.
pub const DESCRIPTORS: &[u8] = include_bytes!("generated/descriptors.bin");

/// Who a [`tonic_types`](https://docs.rs/tonic-types) `ErrorInfo` of ours is from.
pub const ERROR_DOMAIN: &str = "triptych";

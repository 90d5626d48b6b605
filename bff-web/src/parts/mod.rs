//! What two or more screens of this gateway show in the same way.

mod author;
mod book_card;
mod order;
mod post_card;

pub(crate) use author::Author;
pub(crate) use book_card::{BookCard, rating};
pub(crate) use order::{Order, WantedItem};
pub(crate) use post_card::{PostCard, PostState, PostStates};

/// The cards of what the core has found.
pub(crate) fn cards<M, C: From<M>>(found: Vec<M>) -> Vec<C> {
    found.into_iter().map(C::from).collect()
}

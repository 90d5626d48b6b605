//! What two or more screens of this gateway show in the same way.

mod author;
mod book_card;
mod cover;
mod excerpt;
mod order;
mod post_card;

pub(crate) use author::Author;
pub(crate) use book_card::{BookCard, rating};
pub(crate) use cover::small_cover;
pub(crate) use excerpt::excerpt;
pub(crate) use order::{Order, OrderState};
pub(crate) use post_card::PostCard;

/// The cards of what the core has found.
pub(crate) fn cards<M, C: From<M>>(found: Vec<M>) -> Vec<C> {
    found.into_iter().map(C::from).collect()
}

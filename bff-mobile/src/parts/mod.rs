//! What two or more screens of this gateway show in the same way.

mod account;
mod author;
mod book_card;
mod comment;
mod cover;
mod excerpt;
mod order;
mod post_card;

pub(crate) use account::Account;
pub(crate) use author::Author;
pub(crate) use book_card::{BookCard, rating};
pub(crate) use comment::Comment;
pub(crate) use cover::{Picture, cover, small_cover};
pub(crate) use excerpt::{beginning, excerpt};
pub(crate) use order::{Order, OrderState};
pub(crate) use post_card::PostCard;

/// The cards of what the core has found.
pub(crate) fn cards<M, C: From<M>>(found: Vec<M>) -> Vec<C> {
    found.into_iter().map(C::from).collect()
}

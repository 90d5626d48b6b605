//! What two or more screens of this gateway show in the same way.

mod author;
mod book;
mod book_row;
mod moderation;
mod order_row;
mod stream;
mod to_check;
mod wanted;

pub(crate) use author::Author;
pub(crate) use book::Book;
pub(crate) use book_row::BookRow;
pub(crate) use moderation::{Moderation, NewModeration};
pub(crate) use order_row::{Buyer, OrderRow, OrderState};
pub(crate) use stream::within;
pub(crate) use to_check::{CommentToCheck, PostToCheck};
pub(crate) use wanted::Wanted;

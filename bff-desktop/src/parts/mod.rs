//! What two or more screens of this gateway show in the same way.

mod book;
mod book_row;
mod order_row;
mod stream;

pub(crate) use book::Book;
pub(crate) use book_row::BookRow;
pub(crate) use order_row::{Buyer, OrderRow, OrderState};
pub(crate) use stream::within;

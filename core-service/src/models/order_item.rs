//! The items of orders, with the titles and prices that the books had then.

use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

/// Some copies of one book in an order, as the table has them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_items")]
pub struct Model {
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: i64,
    /// The book, which may have left the catalogue since.
    #[sea_orm(primary_key, auto_increment = false)]
    pub book_id: i64,
    /// The item's place in the buyer's order, from 0.
    pub position: i32,
    /// The title then.
    pub title: String,
    /// The price of one copy then.
    pub price_cents: i64,
    /// How many copies.
    pub quantity: i32,
}

/// Tables that an item's row is joined with.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An item, as it is read beside its order.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OrderItemRow {
    /// The book.
    pub book_id: i64,
    /// The title then.
    pub title: String,
    /// The price of one copy then.
    pub price_cents: i64,
    /// How many copies.
    pub quantity: i32,
}

//! Creates the items of orders, with the titles and prices that the books had then.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("order_items")
            .col(number("order_id"))
            .col(number("book_id"))
            .col(ColumnDef::new("position").integer().not_null())
            .col(text("title"))
            .col(number("price_cents"))
            .col(
                ColumnDef::new("quantity")
                    .integer()
                    .not_null()
                    .check(Expr::col("quantity").gt(0)),
            )
            .primary_key(Index::create().col("order_id").col("book_id"))
            .foreign_key(&mut part_of("order_id", "orders"))
            .foreign_key(&mut reference("book_id", "books")),
    );
    schema.run(
        Index::create()
            .name("order_items_book_id")
            .table("order_items")
            .col("book_id")
            .col("order_id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("order_items"));
}

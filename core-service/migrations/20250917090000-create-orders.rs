//! Creates the orders. Their totals are kept with them: what was agreed on never changes.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("orders")
            .col(id())
            .col(number("buyer_id"))
            .col(text("state"))
            .col(text("currency"))
            .col(number("total_cents"))
            .col(ColumnDef::new("copies").integer().not_null())
            .col(optional_text("payment_reference"))
            .col(time("placed_at"))
            .col(optional_time("paid_at"))
            .col(optional_time("shipped_at"))
            .col(optional_time("delivered_at"))
            .col(optional_time("cancelled_at"))
            .foreign_key(&mut reference("buyer_id", "users")),
    );
    schema.run(
        Index::create()
            .name("orders_buyer_id")
            .table("orders")
            .col("buyer_id")
            .col("id"),
    );
    schema.run(
        Index::create()
            .name("orders_state")
            .table("orders")
            .col("state")
            .col("id"),
    );
    schema.run(
        Index::create()
            .name("orders_paid_at")
            .table("orders")
            .col("paid_at"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("orders"));
}

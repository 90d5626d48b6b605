//! Shows the staff which books run out.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Index::create()
            .name("books_stock")
            .table("books")
            .col("stock")
            .col("id")
            .and_where(Expr::col("deleted_at").is_null()),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Index::drop().name("books_stock"));
}

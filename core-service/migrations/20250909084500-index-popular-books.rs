//! Lists the books that are rated most without sorting all of them.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Index::create()
            .name("books_ratings_count")
            .table("books")
            .col(("ratings_count", IndexOrder::Desc))
            .col(("id", IndexOrder::Desc))
            .and_where(Expr::col("deleted_at").is_null()),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Index::drop().name("books_ratings_count"));
}

//! Lets a post be about a book: it is then a review.
//!
//! SQLite cannot add a constraint to a table that exists, but a column may bring its own, and both
//! databases read it alike.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::alter().table("posts").add_column(
            ColumnDef::new("book_id")
                .big_integer()
                .null()
                .extra(r#"REFERENCES "books" ("id") ON DELETE RESTRICT"#),
        ),
    );
    schema.run(
        Index::create()
            .name("posts_book_id")
            .table("posts")
            .col("book_id")
            .col("id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Index::drop().name("posts_book_id"));
    schema.run(Table::alter().table("posts").drop_column("book_id"));
}

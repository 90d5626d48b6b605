//! Lets an import recognise a book when its file comes again: by the key that the book has where it came from,
//! or by its title where it has neither a key nor an ISBN.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::alter()
            .table("books")
            .add_column(optional_text("import_key")),
    );
    schema.run(
        Index::create()
            .unique()
            .name("books_import_key")
            .table("books")
            .col("import_key")
            .and_where(Expr::col("deleted_at").is_null())
            .and_where(Expr::col("import_key").is_not_null()),
    );
    schema.run(
        Index::create()
            .name("books_title_without_key")
            .table("books")
            .col("title")
            .and_where(Expr::col("deleted_at").is_null())
            .and_where(Expr::col("isbn13").is_null())
            .and_where(Expr::col("import_key").is_null()),
    );
}

pub fn down(schema: &mut Schema) {
    for index in ["books_title_without_key", "books_import_key"] {
        schema.run(Index::drop().name(index));
    }
    schema.run(Table::alter().table("books").drop_column("import_key"));
}

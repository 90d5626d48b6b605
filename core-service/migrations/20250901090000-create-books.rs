//! Creates the books of the shop. Their stock never falls below zero, whatever races for the last copy.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("books")
            .col(id())
            .col(optional_text("isbn13"))
            .col(text("title"))
            .col(ColumnDef::new("authors").json_binary().not_null())
            .col(ColumnDef::new("published_year").integer().null())
            .col(optional_text("language"))
            .col(optional_text("description"))
            .col(optional_text("cover_url"))
            .col(number("price_cents").check(Expr::col("price_cents").gte(0)))
            .col(text("currency"))
            .col(
                ColumnDef::new("stock")
                    .integer()
                    .not_null()
                    .check(Expr::col("stock").gte(0)),
            )
            .col(
                ColumnDef::new("rating_hundredths")
                    .integer()
                    .not_null()
                    .default(0),
            )
            .col(number("ratings_count").default(0))
            .col(time("created_at"))
            .col(time("updated_at"))
            .col(optional_time("deleted_at")),
    );
    schema.run(
        Index::create()
            .unique()
            .name("books_isbn13")
            .table("books")
            .col("isbn13")
            .and_where(Expr::col("deleted_at").is_null())
            .and_where(Expr::col("isbn13").is_not_null()),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("books"));
}

//! Creates what the staff took away, and why.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("moderations")
            .col(id())
            .col(number("post_id"))
            .col(ColumnDef::new("comment_id").big_integer().null())
            .col(number("author_id"))
            .col(number("moderator_id"))
            .col(text("reason"))
            .col(time("created_at"))
            .foreign_key(&mut part_of("post_id", "posts"))
            .foreign_key(&mut part_of("comment_id", "comments"))
            .foreign_key(&mut reference("author_id", "users"))
            .foreign_key(&mut reference("moderator_id", "users")),
    );
    for column in ["post_id", "comment_id", "author_id", "moderator_id"] {
        schema.run(
            Index::create()
                .name(format!("moderations_{column}"))
                .table("moderations")
                .col(column),
        );
    }
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("moderations"));
}

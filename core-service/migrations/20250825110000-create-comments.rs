//! Creates the comments on posts.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("comments")
            .col(id())
            .col(number("post_id"))
            .col(number("author_id"))
            .col(text("body"))
            .col(time("created_at"))
            .col(time("updated_at"))
            .col(optional_time("deleted_at"))
            .foreign_key(&mut part_of("post_id", "posts"))
            .foreign_key(&mut reference("author_id", "users")),
    );
    schema.run(
        Index::create()
            .name("comments_post_id")
            .table("comments")
            .col("post_id")
            .col("id"),
    );
    schema.run(
        Index::create()
            .name("comments_author_id")
            .table("comments")
            .col("author_id")
            .col("id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("comments"));
}

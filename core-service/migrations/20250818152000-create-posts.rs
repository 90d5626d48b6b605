//! Creates the posts, each by one user.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("posts")
            .col(id())
            .col(number("author_id"))
            .col(text("slug").unique_key())
            .col(text("title"))
            .col(text("description"))
            .col(text("body"))
            .col(time("created_at"))
            .col(time("updated_at"))
            .col(optional_time("deleted_at"))
            .foreign_key(&mut reference("author_id", "users")),
    );
    schema.run(
        Index::create()
            .name("posts_author_id")
            .table("posts")
            .col("author_id")
            .col("id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("posts"));
}

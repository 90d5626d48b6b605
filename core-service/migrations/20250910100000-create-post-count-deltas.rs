//! Creates the counts that are not yet folded into the posts: rows that are only ever appended, so that the
//! many who like one post at once never wait for each other.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("post_count_deltas")
            .col(id())
            .col(number("post_id"))
            .col(ColumnDef::new("likes").integer().not_null().default(0))
            .col(ColumnDef::new("comments").integer().not_null().default(0))
            .foreign_key(&mut part_of("post_id", "posts")),
    );
    schema.run(
        Index::create()
            .name("post_count_deltas_post_id")
            .table("post_count_deltas")
            .col("post_id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("post_count_deltas"));
}

//! Creates the tags of posts, by their own names: no table of tags, and so no join, to list them.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("post_tags")
            .col(number("post_id"))
            .col(text("name"))
            .col(ColumnDef::new("position").integer().not_null())
            .primary_key(Index::create().col("post_id").col("name"))
            .foreign_key(&mut part_of("post_id", "posts")),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("post_tags"));
}

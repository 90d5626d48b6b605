//! Creates the likes: one row per user and post.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("likes")
            .col(number("post_id"))
            .col(number("user_id"))
            .col(time("created_at"))
            .primary_key(Index::create().col("post_id").col("user_id"))
            .foreign_key(&mut part_of("post_id", "posts"))
            .foreign_key(&mut reference("user_id", "users")),
    );
    // Without the way back, PostgreSQL scans every like to say which posts of a page a viewer likes.
    schema.run(
        Index::create()
            .name("likes_user_id")
            .table("likes")
            .col("user_id")
            .col("post_id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("likes"));
}

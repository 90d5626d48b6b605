//! Creates who follows whom.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("follows")
            .col(number("follower_id"))
            .col(number("followee_id"))
            .col(time("created_at"))
            .primary_key(Index::create().col("follower_id").col("followee_id"))
            .foreign_key(&mut reference("follower_id", "users"))
            .foreign_key(&mut reference("followee_id", "users")),
    );
    schema.run(
        Index::create()
            .name("follows_followee_id")
            .table("follows")
            .col("followee_id")
            .col("follower_id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("follows"));
}

//! Finds the posts of a tag without reading every tag of every post.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Index::create()
            .name("post_tags_name")
            .table("post_tags")
            .col("name")
            .col("post_id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Index::drop().name("post_tags_name"));
}

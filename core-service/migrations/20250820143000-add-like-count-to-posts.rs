//! Keeps the number of likes with the post, so that nobody counts 100,000 rows to show one number.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::alter()
            .table("posts")
            .add_column(number("like_count").default(0)),
    );
    schema.sql(
        r#"UPDATE "posts" SET "like_count" = (SELECT count(*) FROM "likes" WHERE "likes"."post_id" = "posts"."id")"#,
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::alter().table("posts").drop_column("like_count"));
}

//! Keeps the number of living comments with the post.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::alter()
            .table("posts")
            .add_column(number("comment_count").default(0)),
    );
    schema.sql(
        r#"UPDATE "posts" SET "comment_count" = (SELECT count(*) FROM "comments" WHERE "comments"."post_id" = "posts"."id" AND "comments"."deleted_at" IS NULL)"#,
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::alter().table("posts").drop_column("comment_count"));
}

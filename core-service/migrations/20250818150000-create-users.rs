//! Creates the users. A name is unique among the living only, and without regard to case: the application
//! writes the folded form into `username_key`.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("users")
            .col(id())
            .col(text("username"))
            .col(text("username_key"))
            .col(text("name").default(""))
            .col(text("password_hash"))
            .col(optional_text("bio"))
            .col(optional_text("image"))
            .col(
                text("role")
                    .default("reader")
                    .check(Expr::col("role").is_in(["reader", "staff", "admin"])),
            )
            .col(time("created_at"))
            .col(time("updated_at"))
            .col(optional_time("deleted_at")),
    );
    schema.run(
        Index::create()
            .unique()
            .name("users_username_key")
            .table("users")
            .col("username_key")
            .and_where(Expr::col("deleted_at").is_null()),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("users"));
}

//! Adds an e-mail to users. Those who registered before it have none, so only the others must differ.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    for column in ["email", "email_key"] {
        schema.run(Table::alter().table("users").add_column(text(column).default("")));
    }
    schema.run(
        Index::create()
            .unique()
            .name("users_email_key")
            .table("users")
            .col("email_key")
            .and_where(Expr::col("deleted_at").is_null())
            .and_where(Expr::col("email_key").ne("")),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Index::drop().name("users_email_key"));
    for column in ["email_key", "email"] {
        schema.run(Table::alter().table("users").drop_column(column));
    }
}

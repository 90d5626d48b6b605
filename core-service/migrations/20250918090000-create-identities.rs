//! Creates the identities: people as OpenID providers know them, each with the account that it leads to.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("identities")
            .col(id())
            .col(number("user_id"))
            .col(text("issuer"))
            .col(text("subject"))
            .col(time("created_at"))
            .foreign_key(&mut reference("user_id", "users")),
    );
    schema.run(
        Index::create()
            .name("identities_issuer_subject_key")
            .table("identities")
            .col("issuer")
            .col("subject")
            .unique(),
    );
    schema.run(
        Index::create()
            .name("identities_user_id")
            .table("identities")
            .col("user_id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("identities"));
}

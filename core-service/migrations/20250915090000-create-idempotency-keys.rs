//! Creates the keys of calls that have their effect once, with the answers that were given.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("idempotency_keys")
            .col(id())
            .col(number("principal_id"))
            .col(text("key"))
            .col(ColumnDef::new("fingerprint").blob().not_null())
            .col(ColumnDef::new("answer").blob().null())
            .col(time("created_at")),
    );
    schema.run(
        Index::create()
            .name("idempotency_keys_principal_id_key")
            .table("idempotency_keys")
            .col("principal_id")
            .col("key")
            .unique(),
    );
    schema.run(
        Index::create()
            .name("idempotency_keys_created_at")
            .table("idempotency_keys")
            .col("created_at"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("idempotency_keys"));
}

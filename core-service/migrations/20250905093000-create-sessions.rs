//! Creates the sessions: one per device, whichever client it runs. Only the hash of a token is kept.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("sessions")
            .col(id())
            .col(number("user_id"))
            .col(ColumnDef::new("token_hash").blob().not_null().unique_key())
            .col(text("client"))
            .col(text("device"))
            .col(time("created_at"))
            .col(time("expires_at"))
            .col(optional_time("revoked_at"))
            .foreign_key(&mut reference("user_id", "users")),
    );
    schema.run(
        Index::create()
            .name("sessions_user_id")
            .table("sessions")
            .col("user_id")
            .col("id"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("sessions"));
}

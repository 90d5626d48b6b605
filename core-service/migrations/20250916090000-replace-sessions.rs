//! Replaces the sessions by ones that phones and desktops can refresh. Sessions are not carried over: everybody signs
//! in again.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(Table::drop().table("sessions"));
    schema.run(
        Table::create()
            .table("sessions")
            .col(id())
            .col(number("user_id"))
            .col(text("client"))
            .col(text("device"))
            .col(ColumnDef::new("token_hash").blob().null().unique_key())
            .col(number("generation"))
            .col(number("confirmed_generation"))
            .col(time("created_at"))
            .col(time("refreshed_at"))
            .col(time("used_at"))
            .col(time("expires_at"))
            .col(optional_time("revoked_at"))
            .foreign_key(&mut reference("user_id", "users")),
    );
    schema.run(&by_user());
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("sessions"));
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
    schema.run(&by_user());
}

fn by_user() -> IndexCreateStatement {
    Index::create()
        .name("sessions_user_id")
        .table("sessions")
        .col("user_id")
        .col("id")
        .take()
}

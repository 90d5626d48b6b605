//! Creates the flows that were used: sign-ins with an OpenID provider that cannot be completed again.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::create()
            .table("used_flows")
            .col(id())
            .col(text("state").unique_key())
            .col(time("ends_at")),
    );
    schema.run(
        Index::create()
            .name("used_flows_ends_at")
            .table("used_flows")
            .col("ends_at"),
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("used_flows"));
}

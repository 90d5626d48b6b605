//! The words that the migrations of this project share: its ids, its times, its foreign keys.

use sea_orm::sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement};

/// The primary key `id`: 64 bits, numbered by the database, never used twice.
pub fn id() -> ColumnDef {
    ColumnDef::new("id")
        .big_integer()
        .not_null()
        .auto_increment()
        .primary_key()
        .take()
}

/// A moment that is always there; the application writes it.
pub fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().not_null().take()
}

/// A moment that may not have come yet, such as `deleted_at`.
pub fn optional_time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().null().take()
}

/// Text that is always there.
pub fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text that may be missing.
pub fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}

/// A 64-bit number that is always there: an amount, a counter, another table's id.
pub fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A foreign key to another table's `id`, which cannot be deleted while this row points to it.
pub fn reference(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    foreign_key(column, table, ForeignKeyAction::Restrict)
}

/// A foreign key to the row that this one is a part of, and goes with.
pub fn part_of(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    foreign_key(column, table, ForeignKeyAction::Cascade)
}

fn foreign_key(
    column: &'static str,
    table: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col(column)
        .to(table, "id")
        .on_delete(on_delete)
        .take()
}

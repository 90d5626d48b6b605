//! Creates the log of changes: one for everything, in the order of the commits, without gaps.
//!
//! SQLite has one writer at a time, so whoever writes appends to the log. PostgreSQL has many, and the numbers of a
//! sequence are not in the order of their commits: there whoever writes leaves a row in the outbox, and what has been
//! committed is moved from there to the log.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.only(
        Database::Postgres,
        r#"CREATE TABLE "feed_head" (
            "one" boolean PRIMARY KEY DEFAULT true CHECK ("one"),
            "epoch" bigint NOT NULL DEFAULT floor(random() * 9e18)::bigint,
            "last_seq" bigint NOT NULL DEFAULT 0
        )"#,
    );
    schema.only(
        Database::Postgres,
        r#"INSERT INTO "feed_head" DEFAULT VALUES"#,
    );
    // Emptied all the time: vacuumed by the number of dead rows, because its size says nothing.
    schema.only(
        Database::Postgres,
        r#"CREATE TABLE "outbox" (
            "id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            "kind" smallint NOT NULL,
            "operation" smallint NOT NULL,
            "entity_id" bigint NOT NULL,
            "name" text,
            "parent_id" bigint,
            "audience" smallint NOT NULL,
            "owner_id" bigint
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)"#,
    );
    schema.only(
        Database::Postgres,
        r#"CREATE TABLE "change_log" (
            "seq" bigint PRIMARY KEY,
            "tag" bigint NOT NULL DEFAULT floor(random() * 9e18)::bigint,
            "kind" smallint NOT NULL,
            "operation" smallint NOT NULL,
            "entity_id" bigint NOT NULL,
            "name" text,
            "parent_id" bigint,
            "audience" smallint NOT NULL,
            "owner_id" bigint,
            "at" timestamptz NOT NULL DEFAULT clock_timestamp()
        )"#,
    );

    schema.only(
        Database::Sqlite,
        r#"CREATE TABLE "feed_head" (
            "one" integer PRIMARY KEY CHECK ("one" = 1),
            "epoch" integer NOT NULL
        )"#,
    );
    schema.only(
        Database::Sqlite,
        r#"INSERT INTO "feed_head" ("one", "epoch") VALUES (1, random() & 9223372036854775807)"#,
    );
    // AUTOINCREMENT, so that no number is given again once old changes have been deleted.
    schema.only(
        Database::Sqlite,
        r#"CREATE TABLE "change_log" (
            "seq" integer PRIMARY KEY AUTOINCREMENT,
            "tag" integer NOT NULL DEFAULT (random() & 9223372036854775807),
            "kind" integer NOT NULL,
            "operation" integer NOT NULL,
            "entity_id" integer NOT NULL,
            "name" text,
            "parent_id" integer,
            "audience" integer NOT NULL,
            "owner_id" integer,
            "at" timestamp_with_timezone_text NOT NULL
        )"#,
    );
}

pub fn down(schema: &mut Schema) {
    schema.run(Table::drop().table("change_log"));
    schema.only(Database::Postgres, r#"DROP TABLE "outbox""#);
    schema.run(Table::drop().table("feed_head"));
}

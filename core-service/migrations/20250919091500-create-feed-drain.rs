//! Creates what moves committed changes from the outbox of PostgreSQL to the log. SQLite has no outbox.

use crate::prelude::*;

/// Moves up to so many changes, and answers with the number of the newest change in the log.
///
/// It takes whatever it sees, by deleting it, and keeps no place in the outbox: what is committed late is simply taken
/// next time. The row of `feed_head` is held until the commit, so there is one mover at a time, and numbers are given in
/// the order in which they become visible. Where nothing waits, nothing is locked or written.
const FEED_DRAIN: &str = r#"CREATE FUNCTION "feed_drain"(at_most integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET jit = off SET synchronous_commit = on AS $$
DECLARE
    head bigint;
    moved bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM outbox) THEN
        RETURN (SELECT last_seq FROM feed_head WHERE one);
    END IF;
    SELECT last_seq INTO head FROM feed_head WHERE one FOR UPDATE;
    WITH taken AS (
        DELETE FROM outbox
        WHERE id = ANY (ARRAY(SELECT id FROM outbox ORDER BY id LIMIT at_most))
        RETURNING *
    )
    INSERT INTO change_log (seq, kind, operation, entity_id, name, parent_id, audience, owner_id)
    SELECT head + row_number() OVER (ORDER BY id), kind, operation, entity_id, name, parent_id, audience, owner_id
    FROM taken;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved > 0 THEN
        UPDATE feed_head SET last_seq = head + moved WHERE one;
        PERFORM pg_notify('feed', (head + moved)::text);
    END IF;
    RETURN head + moved;
END $$"#;

pub fn up(schema: &mut Schema) {
    schema.only(Database::Postgres, FEED_DRAIN);
}

pub fn down(schema: &mut Schema) {
    schema.only(Database::Postgres, r#"DROP FUNCTION "feed_drain"(integer)"#);
}

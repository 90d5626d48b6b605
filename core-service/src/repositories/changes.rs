//! The log of changes: written in the transactions that change something, read from a place on.
//!
//! The texts stand here as they are run, because the log is the same few statements all the time.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use crate::error::{Error, Result};
use crate::models::change::{ChangeRow, NewChange, Position, Reader};
use crate::models::now;

/// How many old changes are deleted at a time.
const DELETE_AT_MOST: i64 = 10_000;

/// Tells changes, once the transaction is committed. They have to be made before they are told: so those of one thing are
/// told in the order in which they were made, because whoever changes it next waits for this transaction to end.
pub async fn insert(db: &impl ConnectionTrait, changes: Vec<NewChange>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let has_outbox = db.get_database_backend() == DbBackend::Postgres;
    let mut columns = vec![
        "kind",
        "operation",
        "entity_id",
        "name",
        "parent_id",
        "audience",
        "owner_id",
    ];
    let mut insert = Query::insert();
    if has_outbox {
        insert.into_table("outbox");
    } else {
        insert.into_table("change_log");
        columns.push("at");
    }
    insert.columns(columns);
    for change in changes {
        let mut row: Vec<Value> = vec![
            change.kind.into(),
            change.operation.into(),
            change.id.into(),
            change.name.into(),
            change.parent_id.into(),
            change.audience.into(),
            change.owner_id.into(),
        ];
        if !has_outbox {
            row.push(now().into());
        }
        let row = row.into_iter().map(Expr::val);
        insert.values(row).map_err(Error::internal)?;
    }
    db.execute(&insert).await?;
    Ok(())
}

/// Moves what has been committed from PostgreSQL's outbox to the log, so many changes at most.
pub async fn drain(db: &impl ConnectionTrait, at_most: u32) -> Result<()> {
    let text = format!("SELECT feed_drain({at_most})");
    db.query_one_raw(Statement::from_string(db.get_database_backend(), text))
        .await?;
    Ok(())
}

/// The end of the log.
pub async fn find_end(db: &impl ConnectionTrait) -> Result<Position> {
    let text = "SELECT epoch, coalesce(seq, 0) AS seq, coalesce(tag, 0) AS tag
        FROM feed_head LEFT JOIN change_log ON seq = (SELECT max(seq) FROM change_log)";
    let end = Position::find_by_statement(Statement::from_string(db.get_database_backend(), text))
        .one(db)
        .await?;
    end.ok_or_else(|| Error::internal("the log of changes has no head"))
}

/// The change of this number (the first of all for 0) and those after it, so many at most, in their order.
pub async fn list_from(db: &impl ConnectionTrait, seq: i64, at_most: u32) -> Result<Vec<ChangeRow>> {
    list(db, "", vec![seq.max(1).into()], at_most).await
}

/// Of the changes that a reader may see, that of this number (the first of all for 0) and those after it, so many at
/// most, in their order. The first and the last of all are among them, whoever may see them.
pub async fn list_from_for(
    db: &impl ConnectionTrait,
    seq: i64,
    reader: Reader,
    at_most: u32,
) -> Result<Vec<ChangeRow>> {
    let mut values = vec![Value::from(seq.max(1))];
    let mut told = String::from("seq = $1 OR seq = (SELECT max(seq) FROM change_log) OR audience = 1");
    if let Some(user_id) = reader.user_id {
        values.push(user_id.into());
        told.push_str(" OR (owner_id = $2 AND audience IN (2, 3))");
    }
    if reader.is_staff {
        told.push_str(" OR audience IN (3, 4)");
    }
    list(db, &format!("AND ({told})"), values, at_most).await
}

async fn list(
    db: &impl ConnectionTrait,
    condition: &str,
    values: Vec<Value>,
    at_most: u32,
) -> Result<Vec<ChangeRow>> {
    let text = format!(
        "SELECT (SELECT epoch FROM feed_head) AS epoch, seq, tag, kind, operation, entity_id, name, parent_id,
            audience, owner_id, at
        FROM change_log WHERE seq >= $1 {condition} ORDER BY seq LIMIT {at_most}"
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, values);
    Ok(ChangeRow::find_by_statement(statement).all(db).await?)
}

/// Deletes the oldest changes but keeps so many, and the newest in any case. Whether more are left to delete.
///
/// They go from the front and a few at a time, so where a change is, all after it are.
pub async fn delete_oldest(db: &impl ConnectionTrait, keep: u32) -> Result<bool> {
    let text = format!(
        "DELETE FROM change_log WHERE seq < (SELECT min(seq) FROM change_log) + {DELETE_AT_MOST}
            AND seq <= (SELECT max(seq) FROM change_log) - {}",
        keep.max(1)
    );
    let done = db
        .execute_raw(Statement::from_string(db.get_database_backend(), text))
        .await?;
    Ok(done.rows_affected() >= DELETE_AT_MOST.unsigned_abs())
}

/// Begins another history: whoever keeps anything by the log forgets it.
pub async fn begin_anew(db: &impl ConnectionTrait, epoch: i64) -> Result<()> {
    let text = "UPDATE feed_head SET epoch = $1";
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, [epoch.into()]);
    db.execute_raw(statement).await?;
    Ok(())
}

//! Hot reads: statements that are written with the typed builder and rendered once for each shape and
//! database, then run as prepared text.
//!
//! Limits are part of the text, not parameters: with an unknown limit PostgreSQL never settles on a
//! generic plan and plans every call anew. They are rounded up to a few sizes, so texts stay few.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, RwLock};

use sea_orm::sea_query::{Expr, IntoIden, PostgresQueryBuilder, SelectStatement, SqliteQueryBuilder};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use crate::error::Result;
use crate::models::fields::{Field, Fields};

/// How many texts are kept for one kind of read. What goes beyond is rendered again for each call.
const KEPT: usize = 1_000;

/// One kind of read, with the texts of the shapes that it has been asked for in.
pub(super) struct HotRead<Shape>(LazyLock<Texts<Shape>>);

type Texts<Shape> = RwLock<HashMap<(bool, Shape), Arc<str>>>;

impl<Shape: Hash + Eq + Clone> HotRead<Shape> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(RwLock::default))
    }

    /// All rows of the statement that `build` writes for `shape`. It refers to `values` by [`param`].
    pub(super) async fn all<Row: FromQueryResult>(
        &self,
        db: &impl ConnectionTrait,
        shape: Shape,
        values: Vec<Value>,
        build: impl FnOnce(&Shape, DbBackend) -> SelectStatement,
    ) -> Result<Vec<Row>> {
        let text = self.text(db.get_database_backend(), shape, build);
        run(db, &text, values).await
    }

    fn text(
        &self,
        backend: DbBackend,
        shape: Shape,
        build: impl FnOnce(&Shape, DbBackend) -> SelectStatement,
    ) -> Arc<str> {
        let key = (backend == DbBackend::Postgres, shape);
        if let Some(text) = self.0.read().ok().and_then(|texts| texts.get(&key).cloned()) {
            return text;
        }
        let text: Arc<str> = render(&build(&key.1, backend), backend).into();
        if let Ok(mut texts) = self.0.write()
            && texts.len() < KEPT
        {
            texts.insert(key, text.clone());
        }
        text
    }
}

/// Like [`HotRead::all`], for a statement that is rarely the same twice.
pub(super) async fn once<Shape, Row: FromQueryResult>(
    db: &impl ConnectionTrait,
    shape: Shape,
    values: Vec<Value>,
    build: impl FnOnce(&Shape, DbBackend) -> SelectStatement,
) -> Result<Vec<Row>> {
    let backend = db.get_database_backend();
    run(db, &render(&build(&shape, backend), backend), values).await
}

async fn run<Row: FromQueryResult>(
    db: &impl ConnectionTrait,
    text: &str,
    values: Vec<Value>,
) -> Result<Vec<Row>> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), text, values);
    let rows = db.query_all_raw(statement).await?;
    Ok(rows
        .iter()
        .map(|row| Row::from_query_result(row, ""))
        .collect::<std::result::Result<_, _>>()?)
}

fn render(statement: &SelectStatement, backend: DbBackend) -> String {
    match backend {
        DbBackend::Postgres => statement.to_string(PostgresQueryBuilder),
        _ => statement.to_string(SqliteQueryBuilder),
    }
}

/// The `number`-th of a statement's values, from 1.
pub(super) fn param(number: usize) -> Expr {
    Expr::cust(format!("${number}"))
}

/// `count` values from the `first` on.
pub(super) fn params(first: usize, count: usize) -> Vec<Expr> {
    (first..first + count).map(param).collect()
}

/// A list of values made as long as the next power of two by repeating its last, so that lists of all
/// lengths share a few texts. Empty lists stay empty.
pub(super) fn padded<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

/// How many rows to read for a page of `size`: one more than asked for, to see whether more follow,
/// rounded up.
pub(super) fn rows_for(size: u32) -> u64 {
    let sizes = [11, 21, 51, 101];
    sizes
        .into_iter()
        .find(|rows| *rows > u64::from(size))
        .unwrap_or(u64::from(size) + 1)
}

/// Selects those of `columns` whose field is wanted.
pub(super) fn select_wanted<F: Field, C: IntoIden + Copy>(
    select: &mut SelectStatement,
    table: impl IntoIden,
    wanted: Fields<F>,
    columns: &[(F, C)],
) {
    let table = table.into_iden();
    for (field, column) in columns {
        if wanted.has(*field) {
            select.column((table.clone(), *column));
        }
    }
}

//! The table in the database that says what was applied to it, when, and in which order.

use sea_orm::{
    ConnectionTrait, DbErr, ExprTrait, QueryResult,
    sea_query::{ColumnDef, Expr, Order, Query, Table},
};
use time::OffsetDateTime;

use crate::database::{self, Database};
use crate::error::Error;

/// A ledger: one table of what was applied.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    table: &'static str,
}

/// One row of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the order of application.
    pub seq: i64,
    /// What was applied.
    pub name: String,
    /// Which run applied it; what was applied together has the same number.
    pub batch: i64,
    /// What it was, at that time.
    pub checksum: String,
    /// When.
    pub applied_at: OffsetDateTime,
    /// How many milliseconds it took.
    pub took_ms: i64,
}

impl Ledger {
    /// What was applied of the migrations.
    pub const MIGRATIONS: Self = Self { table: "migrations" };
    /// What was applied of the seeders.
    pub const SEEDS: Self = Self { table: "seeds" };

    /// The tables of all ledgers, which no migration makes.
    pub(crate) const TABLES: [&str; 2] = [Self::MIGRATIONS.table, Self::SEEDS.table];

    /// All rows of the database at this URL, in the order of application; creates nothing.
    pub async fn read(self, url: &str) -> Result<Vec<Entry>, Error> {
        let connection = database::open_to_read(url).await?;
        let entries = self.entries(&connection).await;
        connection.close().await?;
        Ok(entries?)
    }

    /// Creates the table where there is none.
    pub async fn create(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        if self.exists(db).await? {
            return Ok(());
        }
        let table = Table::create()
            .table(self.table)
            .col(ColumnDef::new("seq").big_integer().not_null().primary_key())
            .col(ColumnDef::new("name").text().not_null().unique_key())
            .col(ColumnDef::new("batch").big_integer().not_null())
            .col(ColumnDef::new("checksum").text().not_null())
            .col(ColumnDef::new("applied_at").timestamp_with_time_zone().not_null())
            .col(ColumnDef::new("took_ms").big_integer().not_null())
            .take();
        db.execute(&table).await?;
        Ok(())
    }

    /// All rows, in the order of application; none where there is no table.
    pub async fn entries(self, db: &impl ConnectionTrait) -> Result<Vec<Entry>, DbErr> {
        if !self.exists(db).await? {
            return Ok(Vec::new());
        }
        let all = Query::select()
            .columns(["seq", "name", "batch", "checksum", "applied_at", "took_ms"])
            .from(self.table)
            .order_by("seq", Order::Asc)
            .take();
        db.query_all(&all).await?.iter().map(entry).collect()
    }

    /// Adds a row.
    pub async fn insert(self, db: &impl ConnectionTrait, entry: &Entry) -> Result<(), DbErr> {
        let insert = Query::insert()
            .into_table(self.table)
            .columns(["seq", "name", "batch", "checksum", "applied_at", "took_ms"])
            .values_panic([
                entry.seq.into(),
                entry.name.clone().into(),
                entry.batch.into(),
                entry.checksum.clone().into(),
                entry.applied_at.into(),
                entry.took_ms.into(),
            ])
            .take();
        db.execute(&insert).await?;
        Ok(())
    }

    /// Removes a row.
    pub async fn delete(self, db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
        let delete = Query::delete()
            .from_table(self.table)
            .and_where(Expr::col("name").eq(name))
            .take();
        db.execute(&delete).await?;
        Ok(())
    }

    /// Removes all rows.
    pub(crate) async fn clear(self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        if self.exists(db).await? {
            db.execute(&Query::delete().from_table(self.table).take()).await?;
        }
        Ok(())
    }

    /// Says that a row's step is now what `checksum` says.
    pub async fn set_checksum(
        self,
        db: &impl ConnectionTrait,
        name: &str,
        checksum: &str,
    ) -> Result<(), DbErr> {
        let update = Query::update()
            .table(self.table)
            .value("checksum", checksum)
            .and_where(Expr::col("name").eq(name))
            .take();
        db.execute(&update).await?;
        Ok(())
    }

    async fn exists(self, db: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let tables = match Database::of(db) {
            Database::Sqlite => Query::select()
                .expr(Expr::val(1))
                .from("sqlite_schema")
                .and_where(Expr::col("type").eq("table"))
                .and_where(Expr::col("name").eq(self.table))
                .take(),
            Database::Postgres => Query::select()
                .expr(Expr::val(1))
                .from("pg_tables")
                .and_where(Expr::cust("schemaname = current_schema()"))
                .and_where(Expr::col("tablename").eq(self.table))
                .take(),
        };
        Ok(db.query_one(&tables).await?.is_some())
    }
}

fn entry(row: &QueryResult) -> Result<Entry, DbErr> {
    Ok(Entry {
        seq: row.try_get("", "seq")?,
        name: row.try_get("", "name")?,
        batch: row.try_get("", "batch")?,
        checksum: row.try_get("", "checksum")?,
        applied_at: row.try_get("", "applied_at")?,
        took_ms: row.try_get("", "took_ms")?,
    })
}

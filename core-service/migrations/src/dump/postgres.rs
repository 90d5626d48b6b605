//! PostgreSQL describes everything itself, given the right questions.

use sea_orm::{ConnectionTrait, DbErr, Statement};

/// Every detail with the table, view or function that it belongs to, in the current schema.
pub(super) async fn details(db: &impl ConnectionTrait) -> Result<Vec<(String, String)>, DbErr> {
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), SQL))
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

/// Extensions bring objects of their own, which no migration made; they are left out.
const SQL: &str = "
WITH relations AS (
    SELECT c.oid, c.relname, c.relkind FROM pg_class AS c
    WHERE c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
)
SELECT relname::text, CASE relkind WHEN 'r' THEN 'table' ELSE 'relation of kind ' || relkind::text END
    FROM relations WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT relname, CASE relkind WHEN 'v' THEN 'view: ' ELSE 'materialized view: ' END || pg_get_viewdef(oid)
    FROM relations WHERE relkind IN ('v', 'm')
UNION ALL
SELECT relname, a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
        || CASE a.attidentity WHEN '' THEN '' WHEN 'a' THEN ' identity always' ELSE ' identity' END
        || coalesce(CASE a.attgenerated WHEN '' THEN ' default ' ELSE ' generated ' END
            || pg_get_expr(d.adbin, d.adrelid), '')
    FROM relations
    JOIN pg_attribute AS a ON a.attrelid = oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT relname, 'constraint ' || k.conname || ': ' || pg_get_constraintdef(k.oid)
    FROM relations JOIN pg_constraint AS k ON k.conrelid = relations.oid WHERE k.contype <> 'n'
UNION ALL
SELECT relname, 'index ' || replace(pg_get_indexdef(i.indexrelid), ' ON ' || current_schema() || '.', ' ON ')
        || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
    FROM relations JOIN pg_index AS i ON i.indrelid = relations.oid
UNION ALL
SELECT relname, 'trigger ' || replace(pg_get_triggerdef(t.oid), ' ON ' || current_schema() || '.', ' ON ')
    FROM relations JOIN pg_trigger AS t ON t.tgrelid = relations.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT p.proname, replace(pg_get_functiondef(p.oid), ' ' || current_schema() || '.', ' ')
    FROM pg_proc AS p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.prokind IN ('f', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
";

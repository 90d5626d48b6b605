//! SQLite keeps the text of every statement that made something; its parts are the details.

use sea_orm::{ConnectionTrait, DbErr, Statement};

/// Every detail with the table that it belongs to.
pub(super) async fn details(db: &impl ConnectionTrait) -> Result<Vec<(String, String)>, DbErr> {
    // What full-text search keeps for itself belongs to its virtual table.
    let sql = "SELECT s.type, s.name, s.tbl_name, s.sql FROM sqlite_schema AS s
        LEFT JOIN pragma_table_list AS t ON t.schema = 'main' AND t.name = s.tbl_name
        WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            AND coalesce(t.type, '') <> 'shadow'";
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let mut details = Vec::new();
    for row in rows {
        let kind: String = row.try_get_by_index(0)?;
        let name: String = row.try_get_by_index(1)?;
        let table: String = row.try_get_by_index(2)?;
        let sql = plain(&row.try_get_by_index::<String>(3)?);
        if kind == "table" && sql.starts_with("create table") {
            details.push((table.clone(), "table".to_owned()));
            details.extend(parts(&sql).into_iter().map(|part| (table.clone(), part)));
        } else {
            details.push((table, format!("{kind} {name}: {sql}")));
        }
    }
    Ok(details)
}

/// In lower case, without quotes around names, and with single spaces; what is quoted as text stays.
fn plain(sql: &str) -> String {
    let mut plain = String::with_capacity(sql.len());
    let mut in_text = false;
    for c in sql.chars() {
        in_text ^= c == '\'';
        if in_text {
            plain.push(c);
        } else if c.is_whitespace() {
            if !plain.ends_with([' ', '(']) {
                plain.push(' ');
            }
        } else if c != '"' {
            if matches!(c, ')' | ',') {
                plain.truncate(plain.trim_end().len());
            }
            plain.extend(c.to_lowercase());
        }
    }
    plain
}

/// What stands between the outermost parentheses of a `CREATE TABLE`, cut at its commas, and what follows.
fn parts(sql: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut in_text) = (0, false);
    for c in sql.chars() {
        in_text ^= c == '\'';
        let outer = !in_text && depth == 1;
        match c {
            ',' if outer => parts.push(String::new()),
            ')' if outer => parts.push(String::new()),
            '(' if !in_text && depth == 0 => parts[0].clear(),
            _ => parts.last_mut().expect("there is always one").push(c),
        }
        if !in_text {
            depth += i32::from(c == '(') - i32::from(c == ')');
        }
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_table_apart() {
        let sql = plain(
            r#"CREATE TABLE "Books" ( "id" integer NOT NULL,
               "title" text DEFAULT 'A, (B', CHECK ( "id" > 0 ), FOREIGN KEY ("a", "b") REFERENCES "t" ("c") )
               WITHOUT ROWID"#,
        );
        assert_eq!(
            parts(&sql),
            [
                "id integer not null",
                "title text default 'A, (B'",
                "check (id > 0)",
                "foreign key (a, b) references t (c)",
                "without rowid",
            ]
        );
    }
}

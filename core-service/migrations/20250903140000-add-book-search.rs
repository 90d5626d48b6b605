//! Finds books by words of their titles and authors. The application writes those words, lower-cased and
//! without accents, into `search_text`; each database indexes them in its own way.

use crate::prelude::*;

pub fn up(schema: &mut Schema) {
    schema.run(
        Table::alter()
            .table("books")
            .add_column(text("search_text").default("")),
    );

    schema.only(
        Database::Postgres,
        r#"CREATE INDEX "books_search" ON "books" USING gin (to_tsvector('simple', "search_text"))"#,
    );

    schema.only(
        Database::Sqlite,
        r#"CREATE VIRTUAL TABLE "books_search" USING fts5("search_text", content='books', content_rowid='id')"#,
    );
    schema.only(
        Database::Sqlite,
        r#"CREATE TRIGGER "books_search_insert" AFTER INSERT ON "books" BEGIN
            INSERT INTO "books_search" ("rowid", "search_text") VALUES (new."id", new."search_text");
        END"#,
    );
    schema.only(
        Database::Sqlite,
        r#"CREATE TRIGGER "books_search_delete" AFTER DELETE ON "books" BEGIN
            INSERT INTO "books_search" ("books_search", "rowid", "search_text")
            VALUES ('delete', old."id", old."search_text");
        END"#,
    );
    schema.only(
        Database::Sqlite,
        r#"CREATE TRIGGER "books_search_update" AFTER UPDATE OF "search_text" ON "books" BEGIN
            INSERT INTO "books_search" ("books_search", "rowid", "search_text")
            VALUES ('delete', old."id", old."search_text");
            INSERT INTO "books_search" ("rowid", "search_text") VALUES (new."id", new."search_text");
        END"#,
    );
    schema.only(
        Database::Sqlite,
        r#"INSERT INTO "books_search" ("books_search") VALUES ('rebuild')"#,
    );
}

pub fn down(schema: &mut Schema) {
    for trigger in [
        "books_search_update",
        "books_search_delete",
        "books_search_insert",
    ] {
        schema.only(Database::Sqlite, format!(r#"DROP TRIGGER "{trigger}""#));
    }
    schema.only(Database::Sqlite, r#"DROP TABLE "books_search""#);
    schema.only(Database::Postgres, r#"DROP INDEX "books_search""#);
    schema.run(Table::alter().table("books").drop_column("search_text"));
}

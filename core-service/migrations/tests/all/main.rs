//! The migrations, on SQLite or on the PostgreSQL server that `TEST_DATABASE_URL` names.

mod database;
mod walk;

//! The migrations, on SQLite or on the PostgreSQL server that `TEST_DATABASE_URL` names.

mod at_once;
mod drift;
mod fakes;
mod plans;
mod rules;
mod undoing;
mod walk;

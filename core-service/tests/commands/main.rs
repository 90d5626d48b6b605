//! The commands of the core, typed as a person would, on SQLite or on the server of `TEST_DATABASE_URL`.

mod migrate;
mod seed;
mod serve;
mod shop;
mod users;

//! The Conduit contract over HTTP, with the real core and a real database behind it. The same tests run on
//! SQLite and, with `TEST_DATABASE_URL`, on PostgreSQL.

#![recursion_limit = "256"] // the futures of two servers and a client in one test are deep

mod accounts;
mod articles;
mod comments;
mod harness;
mod lists;
mod profiles;
mod refusals;
mod sessions;

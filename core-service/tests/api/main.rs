//! The core as the gateways see it: gRPC in, a real database behind. The same tests run on SQLite and,
//! with `TEST_DATABASE_URL`, on PostgreSQL.

#![recursion_limit = "256"] // the futures of a client and a server in one test are deep
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

mod access;
mod accounts;
mod app;
mod batches;
mod book_streams;
mod books;
mod cancellation;
mod changes;
mod comments;
mod counts;
mod database;
mod depends;
mod forgeries;
mod guesses;
mod idempotency;
mod input;
mod moderation;
mod oidc;
mod oidc_lies;
mod oidc_refusals;
mod order_lists;
mod order_races;
mod order_steps;
mod orders;
mod plans;
mod posts;
mod server;
mod sessions;
mod statements;
mod tls;
mod tokens;
mod viewers;

//! `import books` and `export books`, as somebody types them: the real program, a real database.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]
#![expect(clippy::print_stdout, reason = "a test that is left out says so")]

mod bad_rows;
mod broken_files;
mod goodbooks;
mod interruptions;
mod repeats;
mod round_trips;
mod shop;

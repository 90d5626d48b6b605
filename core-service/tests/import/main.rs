//! `import books` and `export books`, as somebody types them: the real program, a real database.

mod bad_rows;
mod broken_files;
mod goodbooks;
mod interruptions;
mod repeats;
mod round_trips;
mod shop;

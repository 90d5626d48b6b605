//! bff-web
fn main() {}

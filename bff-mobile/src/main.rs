//! bff-mobile
fn main() {}

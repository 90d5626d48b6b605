//! bff-desktop
fn main() {}

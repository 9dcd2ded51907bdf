//! The `chatalk` binary.
fn main() {}

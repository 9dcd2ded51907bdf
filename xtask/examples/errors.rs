//! Prints `docs/errors.md` from the protocol's list of errors; `cargo xtask gen` keeps the file.
#![allow(clippy::print_stdout, reason = "printing is what it does")]

use protocol::ErrorCode;

fn main() {
    println!("# Errors\n");
    println!(
        "The codes that the server answers with, as in `protocol::ErrorCode`. A client may repeat a"
    );
    println!(
        "request whose error is *retryable* without change, after the time given if there is one. Codes"
    );
    println!(
        "never change their meaning; a client treats one that it does not know as not retryable."
    );
    println!("Made by `cargo xtask gen`.\n");
    println!("| code | retryable | meaning |\n| --- | --- | --- |");
    for error in ErrorCode::ALL {
        let retryable = if error.retryable() { "yes" } else { "no" };
        println!(
            "| `{}` | {retryable} | {} |",
            error.code(),
            error.meaning().replace('|', "\\|")
        );
    }
}

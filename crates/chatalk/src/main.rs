//! `chatalk`: the server, the terminal client, and tools around them. The only place that wires adapters to services.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod decode;
mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// ChaTalk: a self-hosted messenger with end-to-end encryption. Unaudited.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a server on an embedded database.
    Serve(Box<serve::Options>),
    /// Talks in this terminal.
    Chat(tui::Args),
    /// Prints frames of the protocol readably.
    Decode(decode::Options),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(options) => serve::run(*options),
        Command::Chat(args) => tui::run(&args),
        Command::Decode(options) => decode::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "chatalk: {error:#}");
            ExitCode::FAILURE
        }
    }
}

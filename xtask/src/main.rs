//! The tasks of this workspace: `cargo xtask run`, `cargo xtask test` and the steps they are made of.
//!
//! Kept small on purpose: it is the first thing a fresh clone compiles.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks on its standard streams"
)]

mod bench;
mod cmd;
mod fuzz;
mod generate;
mod layers;
mod licences;
mod lighthouse;
mod lint;
mod metadata;
mod node;
mod options;
mod serve;
mod setup;
mod sim;
mod stages;
mod summary;
mod test;
mod tools;
mod wasm;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <task>

  run [-- ARGS…]     set up what is missing, build, and start `chatalk serve ARGS…`
  web                set up what is missing, and build the web app that the server is built with
  test               everything CI runs; the last line is `N passed, N failed`
  lint               format, clippy, layers, generated files, licences
  layers             crates depend downward only
  gen [--check]      write the generated files, or check that they are up to date
  wasm [--dev]       build the engine for browsers into web/src/worker/pkg
  bench [-- ARGS…]   start a server on a free port and run `loadtest ARGS…` against it
  lighthouse         measure the first pages of the web app in a slowed browser
  sim [--seeds N] [--minutes N]
                     run the simulation longer than `test` does
  fuzz [--seconds N] run every fuzz target for N seconds (60) each
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<ExitCode> {
    let Some((task, rest)) = args.split_first() else {
        print!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    match task.as_str() {
        "run" => serve::run(options::after_dashes(rest)?)?,
        "web" => {
            options::none(rest)?;
            web::build()?;
        }
        "test" => {
            options::none(rest)?;
            return test::run();
        }
        "lint" => {
            options::none(rest)?;
            return lint::run();
        }
        "layers" => {
            options::none(rest)?;
            layers::run()?;
        }
        "gen" => generate::run(options::flag(rest, "--check")?)?,
        "wasm" => wasm::build_as(if options::flag(rest, "--dev")? {
            wasm::How::Dev
        } else {
            wasm::How::Release
        })?,
        "bench" => bench::run(options::after_dashes(rest)?)?,
        "lighthouse" => {
            options::none(rest)?;
            lighthouse::run()?;
        }
        "sim" => sim::run(&options::numbers(rest, &["--seeds", "--minutes"])?)?,
        "fuzz" => fuzz::run(&options::numbers(rest, &["--seconds"])?)?,
        "help" | "-h" | "--help" => print!("{USAGE}"),
        other => bail!("no task named `{other}`\n\n{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

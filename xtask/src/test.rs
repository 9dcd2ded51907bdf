//! `cargo xtask test`: everything CI runs.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::stages::Stages;
use crate::summary::{self, Counts};
use crate::{cmd, fuzz, lint, node, setup, web};

/// Runs every step even if one fails, and prints the sum of the tests last.
pub fn run() -> Result<ExitCode> {
    let mut stages = Stages::default();
    if stages.step("set-up", setup::for_testing) {
        lint::steps(&mut stages);
        // first, so that the server is built with it
        stages.step("web: build and size", web::build);
        stages.counted("tests", tests);
        stages.counted("examples in the documentation", doc_tests);
        stages.counted("e2ee in WebAssembly", wasm_tests);
        web::tests(&mut stages);
        stages.step("fuzz targets compile", fuzz::check);
    }
    stages.print_times();
    stages.print_counts();
    Ok(stages.exit_code())
}

fn tests() -> Result<Counts> {
    counted(&mut cmd::cargo(&[
        "nextest",
        "run",
        "--workspace",
        "--no-fail-fast",
    ]))
}

fn doc_tests() -> Result<Counts> {
    counted(&mut cmd::cargo(&[
        "test",
        "--doc",
        "--workspace",
        "--no-fail-fast",
    ]))
}

/// The same code that browsers run, in Node.
fn wasm_tests() -> Result<Counts> {
    let args = [
        "test",
        "--package",
        "e2ee",
        "--target",
        "wasm32-unknown-unknown",
        "--no-fail-fast",
    ];
    let mut command = cmd::cargo(&args);
    command.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        "wasm-bindgen-test-runner",
    );
    counted(node::on_path_of(&mut command))
}

/// Runs tests and counts them. A run that counted none did not test anything, and is a failure.
fn counted(command: &mut Command) -> Result<Counts> {
    let (status, text) = cmd::tee(command)?;
    let counts = summary::read(&text).context("it ended before any test was counted")?;
    if !status.success() && counts.failed == 0 {
        bail!("no test failed, but the run did ({status})");
    }
    Ok(counts)
}

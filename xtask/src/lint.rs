//! `cargo xtask lint`: everything that is checked without running the product.

use std::process::ExitCode;

use anyhow::Result;

use crate::stages::Stages;
use crate::{cmd, generate, layers, setup, tools, web};

/// Runs every check, however many fail.
pub fn run() -> Result<ExitCode> {
    setup::for_web()?;
    setup::rust_components()?;
    let mut stages = Stages::default();
    steps(&mut stages);
    stages.print_times();
    Ok(stages.exit_code())
}

/// Adds the checks to the steps of something bigger.
pub fn steps(stages: &mut Stages) {
    if !stages.step("web: packages", web::install) {
        return;
    }
    stages.step("format", || {
        cmd::run(&mut cmd::cargo(&["fmt", "--all", "--check"]))
    });
    stages.step("layers", layers::run);
    stages.step("clippy", || {
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        cmd::run(&mut cmd::cargo(&args))
    });
    stages.step("generated files", || generate::run(true));
    stages.step("licences, bans, sources", || {
        tools::ensure(&tools::DENY)?;
        // no advisories: their database cannot be reached from everywhere
        let args = [
            "deny",
            "--log-level",
            "error",
            "check",
            "licenses",
            "bans",
            "sources",
        ];
        cmd::run(&mut cmd::cargo(&args))
    });
    web::checks(stages);
}

//! `cargo xtask fuzz`: every decoder against hostile bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cmd, setup, tools};

const SECONDS: u64 = 60;

/// Runs each target for a while; fails if any of them crashed, after all have run.
pub fn run(options: &BTreeMap<String, u64>) -> Result<()> {
    setup::for_fuzzing()?;
    if !cmd::quiet("rustup", &["run", "nightly", "rustc", "--version"]) {
        bail!("fuzzing needs a nightly Rust: rustup toolchain install nightly --profile minimal");
    }
    tools::ensure(&tools::FUZZ)?;
    let seconds = options.get("--seconds").copied().unwrap_or(SECONDS);
    let limit = format!("-max_total_time={seconds}");
    cmd::run(&mut cargo_fuzz(&["build"]))?;
    let mut crashed = Vec::new();
    for target in targets()? {
        if let Err(error) = cmd::run(&mut cargo_fuzz(&["run", &target, "--", &limit])) {
            eprintln!("{target}: {error:#}");
            crashed.push(target);
        }
    }
    if !crashed.is_empty() {
        bail!(
            "crashed: {}; the inputs are in fuzz/artifacts/",
            crashed.join(", ")
        );
    }
    Ok(())
}

fn cargo_fuzz(args: &[&str]) -> Command {
    let mut command = cmd::program("rustup", &["run", "nightly", "cargo", "fuzz"]);
    // the tool chain that runs this program must not be passed on to the nightly one
    command
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env_remove("RUSTC");
    command.args(args);
    command
}

/// Compiles the targets as far as a stable Rust can, so that they don't rot.
pub fn check() -> Result<()> {
    cmd::run(&mut cmd::cargo(&[
        "check",
        "--locked",
        "--manifest-path",
        &manifest(),
    ]))
}

/// Names of the fuzz targets.
fn targets() -> Result<Vec<String>> {
    let args = [
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--manifest-path",
        &manifest(),
    ];
    let json: serde_json::Value = serde_json::from_str(&cmd::capture(&mut cmd::cargo(&args))?)?;
    let targets = json["packages"][0]["targets"]
        .as_array()
        .context("no targets in cargo metadata")?;
    let binaries = targets.iter().filter(|target| target["kind"][0] == "bin");
    Ok(binaries
        .filter_map(|target| Some(target["name"].as_str()?.to_owned()))
        .collect())
}

fn manifest() -> String {
    let path: PathBuf = cmd::root().join("fuzz").join("Cargo.toml");
    path.to_string_lossy().into_owned()
}

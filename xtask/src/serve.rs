//! `cargo xtask run`: from a fresh clone to a running server.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata, setup};

/// Sets up, builds, and becomes `chatalk serve args…`; returns only if that fails.
pub fn run(args: &[String]) -> Result<()> {
    setup::for_building()?;
    let server = build("chatalk")?;
    // in the caller's folder: relative paths in the arguments are meant from there
    let error = Command::new(&server).arg("serve").args(args).exec();
    bail!("cannot start {}: {error}", server.display());
}

/// Builds the binary of a crate as it is run by people, and returns where it is.
pub fn build(name: &str) -> Result<PathBuf> {
    cmd::run(&mut cmd::cargo(&[
        "build",
        "--profile",
        "fast",
        "--package",
        name,
    ]))?;
    let path = metadata::target_dir()?.join("fast").join(name);
    path.canonicalize()
        .with_context(|| format!("cargo built no {}", path.display()))
}

//! `cargo xtask run`: from a fresh clone to a running server.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{cmd, metadata, setup, web};

/// Sets up, builds, and becomes `chatalk serve args…`; returns only if that fails.
pub fn run(args: &[String]) -> Result<()> {
    setup::for_building()?;
    web::build()?;
    let [server] = build(["chatalk"])?;
    // in the caller's folder: relative paths in the arguments are meant from there
    let error = Command::new(&server).arg("serve").args(args).exec();
    bail!("cannot start {}: {error}", server.display());
}

/// Builds the binaries of crates as they are run by people, and returns where they are. Together: built one after the
/// other, with other features of what they share, they would be compiled anew each time.
pub fn build<const N: usize>(names: [&str; N]) -> Result<[PathBuf; N]> {
    let mut command = cmd::cargo(&["build", "--profile", "fast"]);
    for name in names {
        command.args(["--package", name]);
    }
    cmd::run(&mut command)?;
    let folder = metadata::target_dir()?.join("fast");
    let paths = names.map(|name| folder.join(name));
    for path in &paths {
        if !path.exists() {
            bail!("cargo built no {}", path.display());
        }
    }
    Ok(paths)
}

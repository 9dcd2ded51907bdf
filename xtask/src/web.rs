//! The web app: its packages, its build, and what is checked about it.

mod inputs;
mod pnpm;
mod steps;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{cmd, setup, wasm};
use inputs::Stamp;

pub use pnpm::{install, licences, node_modules};
pub use steps::{checks, tests};

/// Where the bindings of the core are put for the app.
const CORE: &str = "web/src/worker/pkg";
/// What the server is built with.
const PACKED: &str = "web/packed";

/// Builds whatever of the app is older than what it is made of: packages, the core in WebAssembly, the app itself. The server takes
/// the result up when it is built next.
pub fn build() -> Result<()> {
    setup::for_web()?;
    install()?;
    core()?;
    app()
}

/// The core in WebAssembly, of the crate `client-wasm` and all below it, and what is loaded beside it.
pub fn core() -> Result<()> {
    let mut made_of = inputs::crates_below("client-wasm")?;
    made_of.extend(inputs::crates_below("strength")?);
    made_of.extend(paths(&[
        "Cargo.toml",
        "Cargo.lock",
        ".cargo",
        "stubs",
        "xtask/src/wasm.rs",
    ]));
    let stamp = Stamp::of("core", &made_of, &inputs::rust_version()?)?;
    stamp.unless_made(&cmd::root().join(CORE), wasm::build)
}

/// The app, packed for the server.
fn app() -> Result<()> {
    let made_of = inputs::files_of_the_app();
    let stamp = Stamp::of("app", &made_of, &pnpm::version()?)?;
    stamp.unless_made(&cmd::root().join(PACKED).join("version.json.br"), || {
        cmd::run(&mut pnpm::run(&["build"])?)
    })
}

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| cmd::root().join(name)).collect()
}

/// The folder of the app.
pub fn folder() -> PathBuf {
    cmd::root().join("web")
}

/// A value of `web/package.json`.
fn manifest() -> Result<serde_json::Value> {
    let path = folder().join("package.json");
    read_json(&path)
}

fn read_json(path: &Path) -> Result<serde_json::Value> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

//! The client engine in WebAssembly, as the worker of the web app loads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata, node, setup, tools};

/// Where the worker finds it; not in the repository.
const PACKAGE: &str = "web/src/worker/pkg";
/// The most that the module may have when it is compressed: what a browser loads before somebody can sign in.
const BUDGET: u64 = 1_200_000;
const CRATE: &str = "client_wasm";
const TARGET: &str = "wasm32-unknown-unknown";

/// What `wasm-opt` may assume of browsers: what Rust assumes for this target, and no more.
const OPTIMISE: [&str; 7] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
];

/// How it is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Small and fast, in minutes.
    Release,
    /// For trying things out.
    Dev,
}

impl How {
    fn profile(self) -> &'static str {
        match self {
            Self::Release => "wasm",
            Self::Dev => "wasm-dev",
        }
    }
}

/// Builds it, unless what is there was made of the same code in the same way. Afterwards `web` can be built.
pub fn build(how: How) -> Result<()> {
    setup::for_web()?;
    cmd::run(&mut cmd::cargo(&[
        "build",
        "--profile",
        how.profile(),
        "--package",
        "client-wasm",
        "--target",
        TARGET,
    ]))?;
    let built = metadata::target_dir()?
        .join(TARGET)
        .join(how.profile())
        .join(format!("{CRATE}.wasm"));
    let package = cmd::root().join(PACKAGE);
    let stamp = stamp(how, &built)?;
    if fs::read_to_string(package.join(".built")).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    bindings(&built, &package)?;
    if how == How::Release {
        optimise(&package)?;
        within_budget(&package)?;
    }
    fs::write(package.join(".built"), stamp).context("cannot write what was built")
}

/// What tells one build from another.
fn stamp(how: How, built: &Path) -> Result<String> {
    let data = fs::metadata(built).with_context(|| format!("cargo built no {}", built.display()))?;
    let made = data.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} {} {made}", how.profile(), data.len()))
}

/// The functions that JavaScript calls.
fn bindings(built: &Path, package: &Path) -> Result<()> {
    tools::ensure(&tools::WASM_BINDGEN)?;
    if package.exists() {
        fs::remove_dir_all(package).context("cannot remove the last build")?;
    }
    let args = ["--target", "web", "--out-name", "client", "--out-dir"];
    cmd::run(cmd::program("wasm-bindgen", &args).arg(package).arg(built))
}

/// Makes it small. The program comes with the packages of `web`.
fn optimise(package: &Path) -> Result<()> {
    let module = module(package);
    let small = module.with_extension("small");
    let wasm_opt = cmd::root().join("web/node_modules/.bin/wasm-opt");
    let mut command = cmd::program(&wasm_opt.to_string_lossy(), &OPTIMISE);
    cmd::run(
        node::on_path_of(&mut command)
            .arg(&module)
            .arg("--output")
            .arg(&small),
    )?;
    fs::rename(&small, &module).context("cannot replace the module")
}

fn within_budget(package: &Path) -> Result<()> {
    let module = module(package);
    let raw = fs::metadata(&module)?.len();
    let script = "const fs = require('fs'), zlib = require('zlib');\
        console.log(zlib.brotliCompressSync(fs.readFileSync(process.argv[1])).length)";
    let mut node = cmd::program("node", &["--eval", script]);
    let compressed = cmd::capture(node::on_path_of(&mut node).arg(&module))?;
    let compressed: u64 = compressed.trim().parse().context("node printed no number")?;
    println!("{PACKAGE}: {raw} bytes, {compressed} compressed (at most {BUDGET})");
    if compressed > BUDGET {
        bail!("the engine is too large for browsers: {compressed} bytes compressed, at most {BUDGET}");
    }
    Ok(())
}

fn module(package: &Path) -> PathBuf {
    package.join("client_bg.wasm")
}

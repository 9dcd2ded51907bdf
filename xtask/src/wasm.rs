//! The client engine in WebAssembly, as the worker of the web app loads it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata, node, setup, tools, web};

/// Where the worker finds it; not in the repository.
const PACKAGE: &str = "web/src/worker/pkg";
/// The most that the module may have when it is compressed: what a browser loads before somebody can sign in. The aim is
/// 1,200,000, which it does not reach yet (`docs/web.md` says what is known of it); until then it must not grow.
const BUDGET: u64 = 2_100_000;
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

/// Builds it as people get it.
pub fn build() -> Result<()> {
    build_as(How::Release)
}

/// Builds it. Afterwards `web` can be built.
pub fn build_as(how: How) -> Result<()> {
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
    bindings(&built, &package)?;
    if how == How::Release {
        web::install()?;
        optimise(&package)?;
        within_budget(&package)?;
    }
    Ok(())
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
    let compressed: u64 = compressed
        .trim()
        .parse()
        .context("node printed no number")?;
    println!("{PACKAGE}: {raw} bytes, {compressed} compressed (at most {BUDGET})");
    if compressed > BUDGET {
        bail!(
            "the engine is too large for browsers: {compressed} bytes compressed, at most {BUDGET}"
        );
    }
    Ok(())
}

fn module(package: &Path) -> PathBuf {
    package.join("client_bg.wasm")
}

//! The client engine in WebAssembly, as the worker of the web app loads it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{cmd, metadata, node, setup, tools, web};

/// Where the worker finds it; not in the repository.
const PACKAGE: &str = "web/src/worker/pkg";

/// A crate that becomes a module of its own.
struct Module {
    package: &'static str,
    /// What it is called for the worker.
    name: &'static str,
    /// The most that it may have when it is compressed, in bytes.
    budget: u64,
}

/// The engine, which a browser loads before somebody can sign in, and what is loaded when it is needed.
const MODULES: [Module; 2] = [
    Module {
        package: "client-wasm",
        name: "client",
        // 1.2 MB is what is wanted (docs/performance.md): this keeps it from growing unseen
        budget: 1_200_000,
    },
    Module {
        package: "strength",
        name: "strength",
        budget: 700_000,
    },
];
const TARGET: &str = "wasm32-unknown-unknown";

/// How `wasm-opt` goes over it, and what it may assume of browsers: what Rust assumes for this target, and no more. What it does
/// for size (`-Oz`) makes the module smaller as it lies there (4.4 instead of 4.7 MB) and larger as it is sent (1.31 instead of
/// 1.20 MB): functions that were alike are so no longer.
const OPTIMISE: [&str; 9] = [
    "-O1",
    "--strip-debug",
    "--strip-producers",
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
    let folder = cmd::root().join(PACKAGE);
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove the last build")?;
    }
    for module in &MODULES {
        module.build(how, &folder)?;
    }
    Ok(())
}

/// Builds the example that measures acts in groups, for a browser's page; its folder.
pub fn build_groups() -> Result<PathBuf> {
    let profile = How::Release.profile();
    cmd::run(&mut cmd::cargo(&[
        "build",
        "--profile",
        profile,
        "--package",
        "e2ee",
        "--example",
        "groups",
        "--target",
        TARGET,
    ]))?;
    let target = metadata::target_dir()?;
    let built = target
        .join(TARGET)
        .join(profile)
        .join("examples/groups.wasm");
    let folder = target.join("groups");
    bindings("groups", &built, &folder)?;
    Ok(folder)
}

/// The functions that JavaScript calls.
fn bindings(name: &str, built: &Path, folder: &Path) -> Result<()> {
    tools::ensure(&tools::WASM_BINDGEN)?;
    let args = ["--target", "web", "--out-name", name, "--out-dir"];
    cmd::run(cmd::program("wasm-bindgen", &args).arg(folder).arg(built))
}

impl Module {
    fn build(&self, how: How, folder: &Path) -> Result<()> {
        // one at a time: together, each would have the features that the other needs
        cmd::run(&mut cmd::cargo(&[
            "build",
            "--profile",
            how.profile(),
            "--package",
            self.package,
            "--target",
            TARGET,
        ]))?;
        let built = metadata::target_dir()?
            .join(TARGET)
            .join(how.profile())
            .join(self.package.replace('-', "_"))
            .with_extension("wasm");
        bindings(self.name, &built, folder)?;
        if how == How::Release {
            web::install()?;
            let module = folder.join(format!("{}_bg.wasm", self.name));
            optimise(&module)?;
            self.within_budget(&module)?;
        }
        Ok(())
    }

    fn within_budget(&self, module: &Path) -> Result<()> {
        let raw = fs::metadata(module)?.len();
        let script = "const fs = require('fs'), zlib = require('zlib');\
            console.log(zlib.brotliCompressSync(fs.readFileSync(process.argv[1])).length)";
        let mut node = cmd::program("node", &["--eval", script]);
        let compressed = cmd::capture(node::on_path_of(&mut node).arg(module))?;
        let compressed: u64 = compressed
            .trim()
            .parse()
            .context("node printed no number")?;
        let (name, budget) = (self.name, self.budget);
        println!("{name}: {raw} bytes, {compressed} compressed (at most {budget})");
        if compressed > budget {
            bail!(
                "{name} is too large for browsers: {compressed} bytes compressed, at most {budget}"
            );
        }
        Ok(())
    }
}

/// Makes it small. The program comes with the packages of `web`.
fn optimise(module: &Path) -> Result<()> {
    let small = module.with_extension("small");
    let wasm_opt = cmd::root().join("web/node_modules/.bin/wasm-opt");
    let mut command = cmd::program(&wasm_opt.to_string_lossy(), &OPTIMISE);
    cmd::run(
        node::on_path_of(&mut command)
            .arg(module)
            .arg("--output")
            .arg(&small),
    )?;
    fs::rename(&small, module).context("cannot replace the module")
}

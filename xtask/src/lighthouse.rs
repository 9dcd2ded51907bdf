//! `cargo xtask lighthouse`: how fast and how usable the first pages are, on a slow machine. Not part of the tests: it measures time.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{cmd, metadata, node, serve, setup, wasm, web};

/// Runs on a newer Node than the rest needs.
const PACKAGE: &str = "lighthouse@13.5.0";

/// Builds the product as people run it, measures, and fails below what was promised.
pub fn run() -> Result<()> {
    setup::for_browser()?;
    web::build()?;
    let [server] = serve::build(["chatalk"])?;
    let groups = wasm::build_groups()?;
    let folder = metadata::target_dir()?.join("lighthouse");
    let node = node::newest(&folder)?;
    let lighthouse = install(&folder, &node)?;
    let playwright = web::node_modules().join("@playwright/test/cli.js");
    let mut measure = cmd::program(&node.to_string_lossy(), &[]);
    measure
        .arg(playwright)
        .args(["test", "--config", "e2e/lighthouse/playwright.config.ts"])
        .env("CHATALK_BIN", server)
        .env("LIGHTHOUSE", lighthouse)
        .env("GROUPS_WASM", groups)
        .current_dir(web::folder());
    cmd::run(&mut measure)
}

/// Where its module is.
fn install(folder: &std::path::Path, node: &std::path::Path) -> Result<PathBuf> {
    let module = folder.join("node_modules/lighthouse/core/index.js");
    if !module.exists() {
        let mut npm = node::npm_of(node);
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]);
        npm.arg(folder).arg(PACKAGE);
        cmd::run(&mut npm).with_context(|| format!("{PACKAGE} could not be fetched"))?;
    }
    Ok(module)
}

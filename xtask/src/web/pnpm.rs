//! The packages of the web app, and the program that installs them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::inputs::Stamp;
use crate::{cmd, node};

/// The `pnpm` that `web/package.json` names, fetched into the target folder.
fn program() -> PathBuf {
    cmd::root().join("target/pnpm/node_modules/pnpm/bin/pnpm.cjs")
}

/// Its version, such as `10.34.9`.
pub fn version() -> Result<String> {
    let manifest = super::manifest()?;
    let wanted = manifest["packageManager"].as_str().unwrap_or_default();
    let version = wanted.strip_prefix("pnpm@").map(|version| {
        // a hash may follow
        version.split('+').next().unwrap_or(version).to_owned()
    });
    version.with_context(|| format!("web/package.json: `{wanted}` names no version of pnpm"))
}

/// `pnpm args…` in the folder of the app.
fn pnpm(args: &[&str]) -> Command {
    let mut command = cmd::program("node", &[]);
    command
        .arg(program())
        .args(args)
        .current_dir(super::folder());
    node::on_path_of(&mut command);
    // no questions: nobody may be there to answer
    command.env("CI", "true");
    command
}

/// A script of `web/package.json` with its arguments, ready to be started.
pub fn run(script: &[&str]) -> Result<Command> {
    let known = super::manifest()?;
    let name = script.first().copied().unwrap_or_default();
    if known["scripts"][name].is_null() {
        bail!("web/package.json has no script `{name}`");
    }
    Ok(pnpm(&[&["run"], script].concat()))
}

/// Where the packages are.
pub fn node_modules() -> PathBuf {
    super::folder().join("node_modules")
}

/// Installs exactly the packages of the lock file, if they are not there yet.
pub fn install() -> Result<()> {
    let version = version()?;
    let package = format!("pnpm@{version}");
    let fetched = Stamp::of("pnpm", &[], &package)?;
    fetched.unless_made(&program(), || fetch(&package))?;
    let lock = super::paths(&[
        "web/package.json",
        "web/pnpm-lock.yaml",
        "web/pnpm-workspace.yaml",
    ]);
    let installed = Stamp::of("packages", &lock, &version)?;
    installed.unless_made(&node_modules().join(".modules.yaml"), || {
        cmd::run(&mut pnpm(&["install", "--frozen-lockfile"]))
    })
}

fn fetch(package: &str) -> Result<()> {
    let mut npm = node::npm();
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]);
    npm.arg(cmd::root().join("target/pnpm")).arg(package);
    cmd::run(&mut npm).with_context(|| format!("{package} is needed and could not be fetched"))
}

/// Which packages have which licence, as (licence, names): those that are built into the app, or all.
pub fn licences(all: bool) -> Result<Vec<(String, Vec<String>)>> {
    install()?;
    let mut list = pnpm(&["licenses", "list", "--json"]);
    if !all {
        list.arg("--prod");
    }
    let json: Value =
        serde_json::from_str(&cmd::capture(&mut list)?).context("pnpm printed no JSON")?;
    let by_licence = json.as_object().context("pnpm listed no licences")?;
    let names = |packages: &Value| {
        let packages = packages.as_array().into_iter().flatten();
        packages
            .filter_map(|package| package["name"].as_str().map(str::to_owned))
            .collect()
    };
    Ok(by_licence
        .iter()
        .map(|(licence, packages)| (licence.clone(), names(packages)))
        .collect())
}
